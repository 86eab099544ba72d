"""What the documentation shows is right: its example checks clean, and both languages say the same."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bongsu.infra.check.check import check_file
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.lock import Lock

DOCS = Path(__file__).resolve().parents[2] / "docs"


def page(language: str) -> str:
    return (DOCS / language / "infra.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    (found,) = re.findall(r"```yaml\n(.*?)```", page(language), re.DOTALL)
    return str(found)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_example_checks_clean_and_every_section_of_the_table_exists(language):
    rows = [line.split("|")[1] for line in page(language).splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]

    assert (
        check_file("docs.yaml", example(language).encode(), Lock(), date(2026, 11, 28)).findings
        == ()
    )
    assert set(named) <= set(Architecture.model_fields)
    assert len(named) > 12


def test_both_languages_show_the_same_example():
    assert yaml.safe_load(example("en")) == yaml.safe_load(example("ko"))

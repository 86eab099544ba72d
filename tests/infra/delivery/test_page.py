"""The pages on pipelines show an example that is right, the same in both languages, and name what is there."""

import re
from pathlib import Path

import pytest
import yaml

from bongsu.infra.check.check import RULES
from bongsu.infra.check.rule import ACROSS
from bongsu.infra.delivery.script import SCANNER
from tests.infra.check.mutations import TWO
from tests.infra.check.support import checked, ids

DOCS = Path(__file__).resolve().parents[3] / "docs"


def page(language):
    return (DOCS / language / "pipelines.md").read_text(encoding="utf-8")


def example(language):
    (found,) = re.findall(r"```yaml\n(.*?)```", page(language), re.DOTALL)
    return yaml.safe_load(found)


def test_the_example_is_right_and_the_same_in_both_languages():
    assert ids(checked(example("en"), TWO)) == []
    assert example("en") == example("ko")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_names_the_scanner_and_rules_that_there_are(language):
    version = re.search(r":(\d+\.\d+\.\d+)@sha256:[0-9a-f]{64}$", SCANNER)[1]

    assert f"Trivy](https://trivy.dev) {version}" in page(language)
    assert set(re.findall(r"\b[A-Z]{3,4}\d{2,3}\b", page(language))) <= {*RULES, *ACROSS}

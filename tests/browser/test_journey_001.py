"""The journey of system 001 as `make journey-001` runs it, in both languages."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.journey_000 import Report
from tests.journeys.journey_001 import run


@pytest.mark.timeout(600)
@pytest.mark.long  # `make journey-001` is the same; what it does is tested piece by piece beside it
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_two_people_share_tasks(tmp_path: Path, browser: Browser, lang: str) -> None:
    report = Report()

    run(report, tmp_path, lang, browser)

    assert report.wrong == 0

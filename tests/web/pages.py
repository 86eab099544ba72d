"""Renders small templates in a given language, and reads the HTML again."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from bongsu.web.shell import PACKAGE, Shell
from bongsu.web.view import View, viewing

NOW = datetime(2026, 11, 21, 1, 4, tzinfo=UTC)
SHELL = Shell(package=PACKAGE)
IMPORT = '{% import "web/components.html" as c %}'


def view(language: str = "en", **more: Any) -> View:
    return View(
        now=NOW,
        language=language,
        zone=ZoneInfo("Asia/Seoul"),
        zone_name="Asia/Seoul",
        csrf="t0ken",
        **more,
    )


def html(source: str, language: str = "en", **context: Any) -> str:
    with viewing(view(language)):
        return SHELL.env.from_string(IMPORT + source).render(lang=language, **context)


def soup(source: str, language: str = "en", **context: Any) -> BeautifulSoup:
    return BeautifulSoup(html(source, language, **context), "html.parser")

"""The table of rules in the pages on the design check: made from the rules and from what each mutation is told.

`python -m tests.infra.check.page` writes it into both pages.
"""

from pathlib import Path

from bongsu.infra.check.accepted import EXPIRED, UNUSED
from bongsu.infra.check.finding import Finding
from bongsu.infra.check.rule import ACROSS as RULES_ACROSS
from bongsu.infra.check.rule import RULES, About
from bongsu.infra.plan.lock import Lock
from bongsu.infra.plan.plan import locked
from tests.infra.check.mutations import ACROSS, MUTATIONS, ONE_COPY, TWO
from tests.infra.check.support import checked
from tests.infra.support import SMALL, plan

DOCS = Path(__file__).resolve().parents[3] / "docs"
BEGIN, END = "<!-- rules -->", "<!-- /rules -->"
HEADS = {
    "en": ("Rule", "Severity", "Elsewhere", "For example", "Why", "What to do"),
    "ko": ("규칙", "심각도", "운영 밖", "보기", "까닭", "할 일"),
}
WORDS = {
    "en": {"silent": "–", "error": "error", "warning": "warning", "info": "note"},
    "ko": {"silent": "–", "error": "오류", "warning": "경고", "info": "참고"},
}


def abouts() -> list[About]:
    rules = [one.about for one in (*RULES.values(), *RULES_ACROSS.values())]
    return sorted([*rules, EXPIRED, UNUSED], key=lambda about: about.id)


def examples() -> dict[str, Finding]:
    """What the first mutation of each rule is told."""
    found: dict[str, Finding] = {}
    for text, rows in ((SMALL, MUTATIONS), (TWO, ACROSS)):
        for id, _, changes in rows:  # noqa: A001
            if id not in found:
                found[id] = checked(changes, text).findings[0]
    lock = locked(plan(networks__main__cidr="10.20.0.0/23"), Lock())
    moved = checked({"networks.main.cidr": "10.24.0.0/23"}, lock=lock)
    gone = ONE_COPY | {"at": "services.web", "until": "2026-11-01"}
    late = checked({"services.web.scale.min": 1, "accepted": [gone]})
    unused = checked({"accepted": [gone]})
    return found | {one.id: one for one in (*moved.findings, *late.findings, *unused.findings)}


def table(language: str) -> str:
    said = examples()
    heads = HEADS[language]
    rows = [_row(about, said[about.id], language) for about in abouts()]
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _row(about: About, example: Finding, language: str) -> tuple[str, ...]:
    words = WORDS[language]
    elsewhere = about.severity if about.elsewhere == "same" else about.elsewhere
    return (
        about.id,
        words[about.severity],
        words[elsewhere],
        example.message.to(language),
        about.why.to(language),
        about.fix.to(language),
    )


def page(language: str) -> Path:
    return DOCS / language / "design-check.md"


def with_table(text: str, language: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(language)}\n{END}{after}"


if __name__ == "__main__":
    for name in HEADS:
        page(name).write_text(with_table(page(name).read_text(encoding="utf-8"), name), "utf-8")

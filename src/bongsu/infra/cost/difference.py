"""What a change costs: two bills side by side. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bongsu.infra.cost.line import Line
from bongsu.infra.cost.report import Cost, money
from bongsu.kit.i18n import Said, say

CENT = 0.005
Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """`usd`: what it adds to a month; None where one of both has no price."""

    kind: Kind
    part: str
    service: str
    item: str
    before: float
    after: float
    unit: str
    usd: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    before_usd: float
    after_usd: float
    changes: tuple[Change, ...]

    @property
    def usd(self) -> float:
        return self.after_usd - self.before_usd

    def said(self) -> Said:
        values = {"before": money(self.before_usd), "after": money(self.after_usd)}
        usd = money(abs(self.usd))
        if abs(self.usd) < CENT:
            return say("It costs the same: {after} USD a month.", **values)
        if self.usd > 0:
            return say(
                "{usd} USD a month more: {after} USD instead of {before} USD.", usd=usd, **values
            )
        return say(
            "{usd} USD a month less: {after} USD instead of {before} USD.", usd=usd, **values
        )

    def unpriced(self) -> Said | None:
        """Changes that nobody knows the price of, for the sum leaves them out."""
        names = [f"{one.service} {one.item}" for one in self.changes if one.usd is None]
        if not names:
            return None
        listed = ", ".join(dict.fromkeys(names))
        return say("The difference is not whole, there is no price of: {names}.", names=listed)

    def as_json(self) -> dict[str, Any]:
        return {
            "before_usd": round(self.before_usd, 2),
            "after_usd": round(self.after_usd, 2),
            "changes": [
                {
                    "kind": one.kind,
                    "part": one.part,
                    "service": one.service,
                    "item": one.item,
                    "before": round(one.before, 3),
                    "after": round(one.after, 3),
                    "unit": one.unit,
                    "usd": None if one.usd is None else round(one.usd, 2),
                }
                for one in self.changes
            ],
        }


def difference(before: Cost, after: Cost) -> Difference:
    """The dearest change first; lines that are the same are left out."""
    old, new = _by_key(before.lines), _by_key(after.lines)
    changes = [
        _change(old.get(key), new.get(key))
        for key in dict.fromkeys((*old, *new))
        if not _same(old.get(key), new.get(key))
    ]
    changes.sort(key=lambda one: -abs(one.usd or 0.0))
    return Difference(before.total_usd, after.total_usd, tuple(changes))


def _by_key(lines: Iterable[Line]) -> dict[tuple[str, str, str], Line]:
    return {line.key: line for line in lines}


def _same(old: Line | None, new: Line | None) -> bool:
    return (
        old is not None and new is not None and (old.quantity, old.usd) == (new.quantity, new.usd)
    )


def _change(old: Line | None, new: Line | None) -> Change:
    kind: Kind = "added" if old is None else "removed" if new is None else "changed"
    one = new or old
    if one is None:
        raise ValueError("neither bill has this line")
    usd = None
    if all(line is None or line.usd is not None for line in (old, new)):
        usd = (new.usd or 0.0 if new else 0.0) - (old.usd or 0.0 if old else 0.0)
    amounts = (old.quantity if old else 0.0, new.quantity if new else 0.0)
    return Change(kind, one.part, one.service, one.item, *amounts, one.unit, usd)

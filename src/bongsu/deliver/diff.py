"""What differs between two texts, line by line and word by word: pure, small, cheap however long the texts are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LINES_SHOWN = 24
COMPARED = 200  # lines, or words of a line; what is beyond them is only counted as other
AROUND = 48  # characters that stay beside a change in a long line
SHORT = 60  # what is shorter, and one line, needs no comparing
CUT = "…"
_WORDS = re.compile(r"\S+\s*|\s+")
SAME, GONE, NEW = "same", "gone", "new"
Parts = tuple[tuple[bool, str], ...]  # (touched, text)


@dataclass(frozen=True, slots=True)
class Line:
    kind: str  # same | gone | new
    parts: Parts

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.parts)


def is_long(before: str, after: str) -> bool:
    """Whether the two are read better one above the other than side by side."""
    return any("\n" in text or len(text) > SHORT for text in (before, after))


def excerpt(before: str, after: str) -> tuple[str, str]:
    """Both texts reduced to what `lines` shows of them: what is kept of long ones, to be compared again."""
    found = lines(before, after)
    was = "\n".join(line.text for line in found if line.kind != NEW)
    now = "\n".join(line.text for line in found if line.kind != GONE)
    return was, now


def lines(before: str, after: str) -> tuple[Line, ...]:
    """At most LINES_SHOWN lines: what went, what came, one line around it.

    Empty when only line ends and empty lines differ.
    """
    was, now = before.splitlines(), after.splitlines()
    start = _common(was, now)
    end = _common(was[start:][::-1], now[start:][::-1])
    old, new = was[start : len(was) - end], now[start : len(now) - end]
    if not any(text.strip() for text in (*old, *new)):
        return ()
    found = list(_context(was[:start], last=True))
    found += _compared(old, new)
    found += _context(was[len(was) - end :], last=False)
    return tuple(found if len(found) <= LINES_SHOWN else [*found[: LINES_SHOWN - 1], _same(CUT)])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _same(text: str) -> Line:
    return Line(SAME, ((False, text),))


def _whole(kind: str, text: str) -> Line:
    return Line(kind, ((True, _shortened(text)),))


def _shortened(text: str) -> str:
    return text if len(text) <= 4 * AROUND else f"{text[: 3 * AROUND]}{CUT}"


def _context(alike: Sequence[str], *, last: bool) -> Iterator[Line]:
    if not alike:
        return
    near = alike[-1] if last else alike[0]
    shown = _same(_shortened(near))
    rest = [_same(CUT)] if len(alike) > 1 else []
    yield from [*rest, shown] if last else [shown, *rest]


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    matcher = SequenceMatcher(None, old[:COMPARED], new[:COMPARED], autojunk=False)
    for what, a, a_end, b, b_end in matcher.get_opcodes():
        if what == "equal":
            yield from _alike(old[a:a_end])
        else:
            yield from _replaced(old[a:a_end], new[b:b_end])
    if max(len(old), len(new)) > COMPARED:
        yield _same(CUT)


def _alike(between: Sequence[str]) -> Iterator[Line]:
    """Unchanged lines between two changes: the first and the last of them."""
    shown = between if len(between) <= 3 else [between[0], CUT, between[-1]]
    yield from (_same(_shortened(text)) for text in shown)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines that stand for each other are compared by words; the rest went, or came."""
    for was, now in zip(old, new, strict=False):
        gone, came = _by_words(was, now)
        yield Line(GONE, gone)
        yield Line(NEW, came)
    pairs = min(len(old), len(new))
    yield from (_whole(GONE, text) for text in old[pairs:])
    yield from (_whole(NEW, text) for text in new[pairs:])


def _by_words(was: str, now: str) -> tuple[Parts, Parts]:
    a, b = _WORDS.findall(was), _WORDS.findall(now)
    start = _common(a, b)
    end = _common(a[start:][::-1], b[start:][::-1])
    old, new = a[start : len(a) - end], b[start : len(b) - end]
    head, tail = "".join(a[:start]), "".join(a[len(a) - end :])
    gone, came = _middle(old, new)
    return _framed(head, gone, tail), _framed(head, came, tail)


def _middle(old: Sequence[str], new: Sequence[str]) -> tuple[Parts, Parts]:
    if max(len(old), len(new)) > COMPARED:
        return ((True, _shortened("".join(old))),), ((True, _shortened("".join(new))),)
    gone: list[tuple[bool, str]] = []
    came: list[tuple[bool, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, a, a_end, b, b_end in matcher.get_opcodes():
        touched = what != "equal"
        was, now = "".join(old[a:a_end]), "".join(new[b:b_end])
        if not touched:
            was = now = _inner(was)
        gone += [(touched, was)] if was else []
        came += [(touched, now)] if now else []
    return tuple(gone), tuple(came)


def _inner(text: str) -> str:
    return text if len(text) <= 3 * AROUND else f"{text[:AROUND]}{CUT}{text[-AROUND:]}"


def _framed(head: str, parts: Parts, tail: str) -> Parts:
    """A long beginning or end that both share is cut to what stands beside the change."""
    before = head if len(head) <= 2 * AROUND else f"{CUT}{head[-AROUND:]}"
    after = tail if len(tail) <= 2 * AROUND else f"{tail[:AROUND]}{CUT}"
    framed = ((False, before), *parts, (False, after))
    return tuple(part for part in framed if part[1])

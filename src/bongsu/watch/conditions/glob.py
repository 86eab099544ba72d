"""`pat(…)`: the patterns of Go's filepath.Match as Gatus uses them, in linear time.

`*` any text, `?` one character, `[a-z]` `[^a-z]` one of a set, `\\` takes the next character as it is.
Gatus deletes every `/` from the pattern and from the text first; so do we. A pattern that is not well
formed matches nothing, as there; `problem` says why, for those who can still mend it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bongsu.watch.conditions.regex import Search, compile_whole

_FFFD = 0xFFFD
# A text that is not UTF-8 keeps its odd bytes as surrogates, which RE2 cannot hold: they move here.
_ODD_BYTES = {0xDC00 + byte: 0x10FF00 + byte for byte in range(0x80, 0x100)}


class BadPattern(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class _Class:
    negated: bool
    ranges: tuple[tuple[int, int], ...]

    def takes(self, code: int) -> bool:
        return self.negated != any(low <= code <= high for low, high in self.ranges)


_ANY = _Class(negated=True, ranges=())  # `?`
_Unit = str | _Class
_Chunk = tuple[_Unit, ...]


def compile_glob(pattern: str, *, bytewise: bool = False) -> Callable[[str], bool]:
    """A test of one text. `bytewise` lets a star end inside a character, as in Go.

    Raises BadPattern, and TooCostly for some fifty sets or more.
    """
    if pattern == "*":
        return _always
    chunks = _chunks(pattern.replace("/", ""))
    if all(isinstance(unit, str) for chunk in chunks for unit in chunk):
        return partial(_match_literals, tuple("".join(map(str, chunk)) for chunk in chunks))
    return partial(_match_regex, compile_whole(_regex(chunks, bytewise)))


def _always(_text: str) -> bool:
    return True


def _match_literals(literals: tuple[str, ...], text: str) -> bool:
    """The parts between the stars, in order: the first and last are held by the ends of the text."""
    text = text.replace("/", "")
    if len(literals) == 1:
        return text == literals[0]
    first, *middle, last = literals
    if not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for literal in middle:
        found = text.find(literal, position, end)
        if found < 0:
            return False
        position = found + len(literal)
    return position <= end


def _match_regex(search: Search, text: str) -> bool:
    text = (
        text.replace("/", "").translate(_ODD_BYTES) if not text.isascii() else text.replace("/", "")
    )
    return search(text)


def _chunks(pattern: str) -> list[_Chunk]:
    """The pattern cut at its stars; there are as many stars as chunks, less one."""
    chunks: list[_Chunk] = []
    units: list[_Unit] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "*":
            chunks.append(tuple(units))
            units = []
            position += 1
        elif char == "[":
            found, position = _read_class(pattern, position + 1)
            units.append(found)
        else:
            if char == "\\":
                position += 1
                if position == len(pattern):
                    raise BadPattern("\\")
            units.append(_ANY if char == "?" else pattern[position])
            position += 1
    return [*chunks, tuple(units)]


def _read_class(pattern: str, position: int) -> tuple[_Class, int]:
    negated = pattern[position : position + 1] == "^"
    position += negated
    ranges: list[tuple[int, int]] = []
    while not (ranges and pattern[position : position + 1] == "]"):
        low, position = _read_member(pattern, position)
        high = low
        if pattern[position] == "-":
            high, position = _read_member(pattern, position + 1)
        ranges.append((ord(low), ord(high)))
    return _Class(negated, tuple(ranges)), position + 1


def _read_member(pattern: str, position: int) -> tuple[str, int]:
    if pattern[position : position + 1] in ("", "-", "]"):
        raise BadPattern("[")
    if pattern[position] == "\\":
        position += 1
    if position + 1 >= len(pattern):  # the class must still be closed
        raise BadPattern("[")
    return pattern[position], position + 1


def _regex(chunks: list[_Chunk], bytewise: bool) -> str:
    first, *rest = chunks
    after_star = _after_bytes if bytewise else _units_regex
    return _units_regex(first) + "".join(f"(?s:.*)(?:{after_star(chunk)})" for chunk in rest)


def _after_bytes(chunk: _Chunk) -> str:
    """Go's star counts bytes, so it may end inside a character; each byte left over then counts as one
    U+FFFD for `?` and for sets. `한` is matched by `*??` there, and so it is here."""
    choices = [_units_regex(chunk)]
    for count, lowest in enumerate(("80", "800", "10000"), start=1):
        head = chunk[:count]
        if len(head) < count or not all(isinstance(u, _Class) and u.takes(_FFFD) for u in head):
            break
        choices.append(rf"[\x{{{lowest}}}-\x{{10FEFF}}]{_units_regex(chunk[count:])}")
    return "|".join(choices)


def _units_regex(units: _Chunk) -> str:
    return "".join(_char(u) if isinstance(u, str) else _class_regex(u) for u in units)


def _char(char: str) -> str:
    return rf"\x{{{ord(char):X}}}"


def _class_regex(unit: _Class) -> str:
    ranges = [(low, high) for low, high in unit.ranges if low <= high]
    body = "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in ranges)
    odd = r"\x{10FF80}-\x{10FFFF}"  # each counts as U+FFFD
    if unit.negated:
        if unit.takes(_FFFD):
            return rf"(?:[^{body}{odd}]|[{odd}])" if body else r"(?s:.)"
        return f"[^{body}{odd}]"
    return f"[{body}{odd if unit.takes(_FFFD) else ''}]" if body else r"[^\x{0}-\x{10FFFF}]"

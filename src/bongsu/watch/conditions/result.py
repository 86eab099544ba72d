"""What a probe saw, as conditions read it. The body is parsed when first asked for, once."""

import codecs
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bongsu.watch.conditions.golang import SPACE, go_bytes
from bongsu.watch.conditions.render import JsonNumber


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()  # no such value: a path that leads nowhere, a header not sent, no JSON

Headers = Mapping[str, str] | Sequence[tuple[str, str]]

# A lone half of a surrogate pair in a \u escape. Escaped backslashes are stepped over.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)",
    re.DOTALL,
)


def _each_byte(error: UnicodeError) -> tuple[str, int]:
    """Go replaces every odd byte; Python's own "replace" takes some of them together."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("bongsu.each_byte", _each_byte)


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """Whole values: expiry is 0 without a certificate or a domain date; `context` None: not in a suite."""

    status: int = 0
    ip: str = ""
    connected: bool = False
    duration_ms: float = 0.0
    certificate_expiration_ms: int = 0
    domain_expiration_ms: int = 0
    dns_rcode: str = ""
    headers: Headers = ()
    body: bytes = b""
    context: Mapping[str, Any] | None = None
    _read: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def response_time_ms(self) -> int:
        """Whole milliseconds, cut and not rounded, as Gatus counts them."""
        return int(self.duration_ms) if math.isfinite(self.duration_ms) else 0

    @property
    def json(self) -> Any:
        """The body with whole numbers as int and all others as `JsonNumber`; MISSING when not JSON."""
        return self._once("json", lambda: parse_exact(self.body))

    @property
    def go_json(self) -> Any:
        """The body as Go reads it: every number a float64."""
        return self._once("go_json", lambda: _parse(self.body, _GO))

    @property
    def text(self) -> str:
        """The body without the space around it; odd bytes become U+FFFD."""
        return str(self._once("text", lambda: self.body.decode("utf-8", "replace").strip()))

    @property
    def go_text(self) -> str:
        """The same with odd bytes kept as surrogates."""
        return str(self._once("go_text", lambda: go_decode(self.body).strip(SPACE)))

    def header(self, name: str) -> Any:
        """`name` in lower case. A header sent several times is one list with commas (RFC 9110, 5.3)."""
        return self._once("headers", self._headers).get(name, MISSING)

    def _headers(self) -> dict[str, str]:
        pairs = self.headers.items() if isinstance(self.headers, Mapping) else self.headers
        joined: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        try:
            return self._read[name]
        except KeyError:
            value = self._read[name] = read()
            return value


def go_decode(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """Text in which every odd byte has become U+FFFD, as in Gatus's own JSON."""
    return text if text.isascii() else go_bytes(text).decode("utf-8", "bongsu.each_byte")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _go_number(text: str) -> float:
    value = float(text)
    if value - value != 0.0:  # infinite; this line runs for every number of a body
        raise ValueError(f"{text} does not fit a float64")
    return value


_EXACT = json.JSONDecoder(parse_float=JsonNumber, parse_constant=_refuse)
_GO = json.JSONDecoder(parse_float=_go_number, parse_int=_go_number, parse_constant=_refuse)


def parse_exact(body: bytes) -> Any:
    """Whole numbers as int, all others as JsonNumber; MISSING when it is no JSON."""
    return _parse(body, _EXACT)


def _parse(body: bytes, decoder: json.JSONDecoder) -> Any:
    """Too deep (some 900 levels) and too long numbers (over 4,300 digits) count as no JSON."""
    text = body.decode("utf-8", "bongsu.each_byte")
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(_whole_pair, text)
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return MISSING


def _whole_pair(escape: re.Match[str]) -> str:
    """A pair stays; half of one becomes U+FFFD, as in Go."""
    found = escape[0]
    return "\\ufffd" if len(found) == 6 and found[2] in "dD" else found

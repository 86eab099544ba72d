"""How client commands speak to a server: JSON over HTTP with a token, standard library only.

`BONGSU_URL` names the server, `BONGSU_TOKEN` holds the token.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from bongsu.kit.errors import (
    BongsuError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    Unavailable,
)
from bongsu.kit.i18n import Said, say

TIMEOUT_S, LONG_S = 30.0, 300.0
PART_BYTES = 64 * 1024
_BY_CODE = {cls.code: cls for cls in (Conflict, Invalid, NotAllowed, NotFound, NotSignedIn)}


@dataclass(frozen=True, slots=True)
class Api:
    url: str
    token: str

    @classmethod
    def from_environment(cls) -> "Api":
        """Raises NotSignedIn when no token is given."""
        url = os.environ.get("BONGSU_URL", "http://127.0.0.1:8080").rstrip("/")
        token = os.environ.get("BONGSU_TOKEN", "")
        if not token:
            raise NotSignedIn(
                say(
                    "No token for {url}. Make one on the page “Me”, then set BONGSU_TOKEN.",
                    url=url,
                )
            )
        return cls(url, token)

    def get(self, path: str, **query: str | int | None) -> Any:
        return self.call("GET", _asked(path, query))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises the server's refusal as the same class of error."""
        data = None if body is None else json.dumps(body).encode()
        with self._open(method, path, data) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def download(self, path: str, **query: str | int | None) -> Iterator[bytes]:
        """The answer as it comes, whatever its length. Raises as `call`."""
        with self._open("GET", _asked(path, query)) as answer:
            while part := answer.read(PART_BYTES):
                yield part

    def upload(self, path: str, data: bytes, **query: str | int | None) -> Any:
        """A file as it is; the answer may take five minutes. Raises as `call`."""
        asked = _asked(path, query)
        with self._open("POST", asked, data, "application/octet-stream", LONG_S) as answer:
            return json.loads(answer.read())

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        kind: str = "application/json",
        timeout_s: float = TIMEOUT_S,
    ) -> Iterator[IO[bytes]]:
        address = f"{self.url}/api/v1{path}"
        headers = self._headers() | {"content-type": kind}
        request = urllib.request.Request(  # noqa: S310  the person's own server
            address, data=data, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
                yield answer
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refused(refusal.code, refusal.read()) from refusal
        except OSError as error:
            why = str(getattr(error, "reason", error))
            raise Unavailable(
                say(
                    "{url} does not answer: {why}. Is `bongsu up` running there?",
                    url=self.url,
                    why=why,
                )
            ) from error

    def _headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self.token}",
            "accept-language": "ko" if os.environ.get("LANG", "").startswith("ko") else "en",
        }


def _asked(path: str, query: Mapping[str, str | int | None]) -> str:
    given = {name: value for name, value in query.items() if value not in {None, ""}}
    return f"{path}?{urllib.parse.urlencode(given)}" if given else path


def _refused(status: int, body: bytes) -> BongsuError:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return Unavailable(say("The server answered {status} without a reason.", status=status))
    message, problems = Said("{message}", {"message": error["message"]}), error.get("problems", [])
    if error["code"] == Invalid.code:
        return Invalid(message, tuple(_problem(one) for one in problems))
    return _BY_CODE.get(error["code"], BongsuError)(message)


def _problem(one: Mapping[str, Any]) -> Problem:
    what = Said("{what}", {"what": one.get("what") or one.get("message", "")})
    todo = Said("{todo}", {"todo": one["todo"]}) if one.get("todo") else None
    return Problem(one.get("where", ""), what, todo, one.get("file"), one.get("line"))


def show(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    """A listing: JSON lines, or aligned columns."""
    listed = list(rows)
    if as_json:
        for row in listed:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    cells = [[str(row.get(c) if row.get(c) is not None else "") for c in columns] for row in listed]
    widths = [max([len(c), *(len(row[i]) for row in cells)]) for i, c in enumerate(columns)]
    for line_cells in (list(columns), *cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(line_cells, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")

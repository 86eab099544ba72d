"""Static files: read once, served from memory under one content hash, so that they may be kept for ever.

The hash covers the whole tree: modules import each other by relative address (`./live.js`), which works
only when all of them share a prefix. Style sheets of base, shell and components are joined to one file.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.types import Receive, Scope, Send

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
BUNDLE = "css/bongsu.css"
_FIRST = ("tokens.css", "base.css", "shell.css")
_TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".toml": "text/plain",
    ".json": "application/json",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    packed: bytes  # gzip, empty where it saves nothing
    etag: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    version: str
    files: dict[str, Asset]

    def url(self, path: str) -> str:
        """Raises KeyError for a file that is not there: a broken link is a bug, not a 404."""
        if path not in self.files:
            raise KeyError(f"no static file {path!r} under src/bongsu/web/static")
        return f"/static/{self.version}/{path}"


def bundle(here: Path = HERE) -> bytes:
    """Tokens first (they name the layers), then base and shell, then one file a component."""
    sheets = [here / "static" / "css" / name for name in _FIRST]
    sheets += sorted((here / "components").glob("*.css"))
    return b"\n".join(sheet.read_bytes().strip() for sheet in sheets) + b"\n"


def _read(root: Path) -> dict[str, bytes]:
    found = {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }
    return found | {BUNDLE: bundle()}


def _asset(path: str, body: bytes) -> Asset:
    suffix = Path(path).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    packed = gzip.compress(body, 6, mtime=0)
    text = kind.startswith("text/") or suffix in _TYPES
    return Asset(
        body,
        packed if len(packed) < 0.9 * len(body) else b"",
        f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        f"{kind}; charset=utf-8" if text else kind,
    )


@cache
def assets() -> Assets:
    raw = _read(STATIC)
    digest = hashlib.sha256()
    for path, body in sorted(raw.items()):
        digest.update(path.encode() + b"\0" + body)
    return Assets(digest.hexdigest()[:12], {path: _asset(path, body) for path, body in raw.items()})


def static_url(path: str) -> str:
    return assets().url(path)


class StaticApp:
    """Serves `/static/<hash>/<path>`. Another hash (a page from before an update) gets today's file, not kept."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        inner: str = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        version, _, path = inner.partition("/")
        asset = assets().files.get(path)
        if asset is None or scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 404 if asset is None else 405, {}, b"")
            return
        given = dict(scope["headers"])
        headers = _headers(asset, version == assets().version)
        if given.get(b"if-none-match", b"").decode("latin-1") == asset.etag:
            await _answer(send, 304, headers, b"")
            return
        body = asset.body
        if asset.packed and b"gzip" in given.get(b"accept-encoding", b""):
            headers["content-encoding"], body = "gzip", asset.packed
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body, len(body))


def _headers(asset: Asset, known: bool) -> dict[str, str]:
    return {
        "content-type": asset.media_type,
        "etag": asset.etag,
        "cache-control": _FOREVER if known else "no-cache",
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }


async def _answer(
    send: Send, status: int, headers: dict[str, str], body: bytes, length: int | None = None
) -> None:
    if status != 304:
        headers = headers | {"content-length": str(len(body) if length is None else length)}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def static_app() -> StaticApp:
    return StaticApp()

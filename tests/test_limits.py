"""Bodies that are too large: refused before they are read, in words that the sender understands."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from fastapi import FastAPI, Request

from bongsu.accounts import failures
from bongsu.limits import BODY_LIMIT_BYTES, BodyLimit
from bongsu.web.shell import Shell

LIMIT_BYTES = 1 << 20
SENTENCE = {
    "en": "The body is larger than 1 MiB. Send less at once.",
    "ko": "본문이 1MiB보다 큽니다. 나누어 보내세요.",
}


async def nobody(_request: Request) -> None:
    return None


@pytest.fixture
def read() -> list[int]:
    """How many bytes each request's handler was given."""
    return []


@pytest.fixture
def app(read: list[int]) -> FastAPI:
    made = FastAPI()
    made.state.shell = Shell()
    failures.install(made, nobody)
    made.add_middleware(BodyLimit, limit_bytes=LIMIT_BYTES, upload_limit_bytes=2 * LIMIT_BYTES)

    @made.post("/api/v1/things")
    async def things(given: dict[str, str]) -> int:
        read.append(len(given.get("text", "")))
        return read[-1]

    @made.post("/api/v1/attachments")
    async def attachments(request: Request) -> int:
        read.append(len(await request.body()))
        return read[-1]

    @made.post("/page")
    async def page(request: Request) -> int:
        async with request.form() as form:
            read.append(len(str(form.get("text", ""))))
        return read[-1]

    return made


def client(app: FastAPI, language: str, accept: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    headers = {"accept-language": language, "accept": accept}
    return httpx2.AsyncClient(transport=transport, base_url="http://bongsu.test", headers=headers)


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """Without an announced length."""
    for start in range(0, len(body), 65_536):
        await asyncio.sleep(0)
        yield body[start : start + 65_536]


def bodies() -> Iterator[tuple[str, str, bytes]]:
    text = b"x" * (LIMIT_BYTES + 1)
    yield "/api/v1/things", "application/json", b'{"text": "' + text + b'"}'
    yield "/page", "application/x-www-form-urlencoded", b"text=" + text


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("path", "kind", "body"), list(bodies()), ids=["api", "page"])
async def test_a_large_body_is_refused_in_the_senders_language(
    app, read, path, kind, body, announced, language
):
    accept = "application/json" if path.startswith("/api") else "text/html"
    async with client(app, language, accept) as asking:
        content = body if announced else in_pieces(body)
        answer = await asking.post(path, content=content, headers={"content-type": kind})

    assert answer.status_code == 413
    assert SENTENCE[language] in answer.text
    assert answer.headers["content-type"].startswith(accept)
    assert read == []


async def test_what_is_just_small_enough_is_read(app, read):
    body = b'{"text": "' + b"x" * (LIMIT_BYTES - 12) + b'"}'
    assert len(body) == LIMIT_BYTES
    async with client(app, "en", "application/json") as asking:
        kind = {"content-type": "application/json"}
        whole = await asking.post("/api/v1/things", content=body, headers=kind)
        pieces = await asking.post("/api/v1/things", content=in_pieces(body), headers=kind)

    assert (whole.status_code, pieces.status_code) == (200, 200)
    assert read == [LIMIT_BYTES - 12] * 2


async def test_nothing_of_an_announced_large_body_is_read():
    asked = []

    async def app(scope, receive, send) -> None:
        asked.append("the application")

    async def receive():
        asked.append("the body")
        return {"type": "http.request", "body": b"", "more_body": False}

    sent = []

    async def send(message) -> None:
        sent.append(message)

    made = FastAPI()
    made.state.shell = Shell()
    headers = [(b"content-length", str(BODY_LIMIT_BYTES + 1).encode()), (b"accept", b"*/*")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/x", "headers": headers, "app": made,
        "query_string": b"", "scheme": "http", "server": ("bongsu.test", 80),
    }  # fmt: skip
    await BodyLimit(app)(scope, receive, send)

    assert asked == []
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_where_files_go_a_body_may_be_larger(app, read):
    kind = {"content-type": "application/octet-stream"}
    async with client(app, "en", "application/json") as asking:
        fits = await asking.post(
            "/api/v1/attachments", content=b"x" * 2 * LIMIT_BYTES, headers=kind
        )
        pieces = in_pieces(b"x" * (2 * LIMIT_BYTES + 1))
        unannounced = await asking.post("/api/v1/attachments", content=pieces, headers=kind)

    assert (fits.status_code, unannounced.status_code) == (200, 413)
    assert "larger than 2 MiB" in unannounced.text
    assert read == [2 * LIMIT_BYTES]


async def test_who_sends_too_large_a_file_is_heard_out_so_that_the_answer_arrives(app, read):
    """A browser that is still sending sees a broken line instead of the answer."""
    sent = []

    async def pieces():
        for _ in range(40):
            sent.append(1)
            yield b"x" * 65_536

    async with client(app, "ko", "application/json") as asking:
        length = {"content-length": str(40 * 65_536)}
        answer = await asking.post("/api/v1/attachments", content=pieces(), headers=length)

    assert answer.status_code == 413
    assert "2MiB보다" in answer.text
    assert (len(sent), read) == (40, [])


async def test_but_not_for_longer_than_some_seconds(app, monkeypatch):
    monkeypatch.setattr("bongsu.limits.LINGER_S", 0.05)

    async def never():
        yield b"x"
        await asyncio.sleep(60)

    async with client(app, "en", "application/json") as asking:
        length = {"content-length": str(3 * LIMIT_BYTES)}
        async with asyncio.timeout(20):
            answer = await asking.post("/api/v1/attachments", content=never(), headers=length)

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/api/v1/projects/TSK/import", "/projects/TSK/import"])
async def test_a_file_of_tasks_may_be_larger_than_a_page_and_has_an_end_too(app, path):
    @app.post("/api/v1/projects/{key}/import")
    @app.post("/projects/{key}/import")
    async def take_in(request: Request) -> int:
        return len(await request.body())

    async with client(app, "en", "application/json") as sender:
        taken = await sender.post(path, content=b"x" * (5 << 20))
        refused = await sender.post(path, content=b"x" * ((32 << 20) + 1))
        elsewhere = await sender.post(f"{path}/x", content=b"x" * (5 << 20))

    assert (200, 5 << 20) == (taken.status_code, taken.json())
    assert 413 == refused.status_code
    assert "larger than 32 MiB" in refused.text
    assert 413 == elsewhere.status_code

"""Pages of listed origins, and of no others, may use the API with the session of their reader."""

import asyncio

import httpx2
import pytest
from fastapi import FastAPI

from bongsu.accounts import failures
from bongsu.app import build_app
from bongsu.cors import Cors
from bongsu.kit.errors import Invalid
from bongsu.kit.settings import Settings
from bongsu.limits import BODY_LIMIT_BYTES, BodyLimit
from bongsu.preflight import check_settings
from bongsu.web.shell import Shell

LISTED, OTHER = "https://tasks.example.com", "https://tasks.example.com.evil.example"
ASK = {"access-control-request-method": "PATCH", "access-control-request-headers": "x-csrf-token"}


async def nobody(_request: object) -> None:
    return None


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.state.shell = Shell()
    failures.install(made, nobody)
    made.add_middleware(BodyLimit)

    @made.get("/api/v1/things")
    async def things() -> list[int]:
        return [1]

    @made.post("/api/v1/things")
    async def broken() -> None:
        raise RuntimeError("a bug")

    @made.get("/attachments/1/thumb")
    async def thumb() -> str:
        return "a picture"

    @made.get("/apiary")
    @made.get("/")
    async def page() -> str:
        return "a page"

    made.middleware_stack = Cors(made.build_middleware_stack(), frozenset({LISTED}))
    return made


def client(app: FastAPI) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://bongsu.test")


def granted(answer: httpx2.Response) -> dict[str, str]:
    return {n: v for n, v in answer.headers.items() if n.startswith("access-control-")}


@pytest.mark.parametrize("path", ["/api/v1/things", "/attachments/1/thumb"])
async def test_a_listed_origin_may_read_with_its_readers_session(app, path):
    async with client(app) as asking:
        answer = await asking.get(path, headers={"origin": LISTED})

    assert answer.status_code == 200
    assert {
        "access-control-allow-origin": LISTED,
        "access-control-allow-credentials": "true",
    } == granted(answer)
    assert "Origin" in answer.headers["vary"]


async def test_a_browser_that_asks_before_a_write_is_told_methods_headers_and_for_how_long(app):
    async with client(app) as asking:
        answer = await asking.options("/api/v1/things", headers={"origin": LISTED} | ASK)

    assert (204, b"") == (answer.status_code, answer.content)
    assert {
        "access-control-allow-origin": LISTED,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "content-type, x-csrf-token",
        "access-control-max-age": "600",
    } == granted(answer)
    assert "Origin" == answer.headers["vary"]


@pytest.mark.parametrize("origin", [OTHER, "null", LISTED.upper(), "http://tasks.example.com"])
async def test_any_other_origin_gets_no_header_of_it(app, origin):
    async with client(app) as asking:
        read = await asking.get("/api/v1/things", headers={"origin": origin})
        asked = await asking.options("/api/v1/things", headers={"origin": origin} | ASK)

    assert ({}, {}) == (granted(read), granted(asked))
    assert "Origin" in read.headers["vary"]
    assert 405 == asked.status_code


@pytest.mark.parametrize("path", ["/", "/apiary"])
async def test_pages_are_not_opened(app, path):
    async with client(app) as asking:
        answer = await asking.get(path, headers={"origin": LISTED})

    assert {} == granted(answer)
    assert "vary" not in answer.headers


async def test_refusals_and_faults_can_be_read_by_a_listed_origin(app):
    large = {"content-length": str(BODY_LIMIT_BYTES + 1)}
    async with client(app) as asking:
        answers = [
            await asking.post("/api/v1/things", headers={"origin": LISTED}),
            await asking.get("/api/v1/nothing", headers={"origin": LISTED}),
            await asking.delete("/api/v1/things", headers={"origin": LISTED}),
            await asking.post("/api/v1/things", content=b"", headers={"origin": LISTED} | large),
        ]

    assert [500, 404, 405, 413] == [answer.status_code for answer in answers]
    assert [LISTED] * 4 == [answer.headers["access-control-allow-origin"] for answer in answers]


async def test_the_real_application_answers_so_too(tmp_path):
    settings = Settings(data_dir=str(tmp_path), cors_origins=f"{LISTED}, http://127.0.0.1:9000")
    made, opened = build_app(settings, asyncio.Event())
    async with opened, client(made) as asking:
        for origin in (LISTED, "http://127.0.0.1:9000"):
            asked = await asking.options("/api/v1/me", headers={"origin": origin} | ASK)
            assert (204, origin) == (
                asked.status_code,
                asked.headers["access-control-allow-origin"],
            )
        refused = await asking.get("/api/v1/me", headers={"origin": LISTED})
        other = await asking.get("/api/v1/me", headers={"origin": OTHER})

    assert (401, LISTED) == (
        refused.status_code,
        refused.headers["access-control-allow-origin"],
    )
    assert {} == granted(other)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.example.com",
        "tasks.example.com",
        "https://tasks.example.com/",
        "https://tasks.example.com/app",
        "https://tasks.example.com:443",
        "http://tasks.example.com:80",
        "HTTPS://tasks.example.com",
        "https://Tasks.example.com",
        "https://user@tasks.example.com",
        "https://tasks.example.com:x",
        "https://봉수.example.com",
        "file:///tmp",
    ],
)
def test_what_no_browser_sends_as_its_origin_is_said_before_anything_runs(origin, free_port):
    settings = Settings(listen=f"127.0.0.1:{free_port}", cors_origins=f"{LISTED},{origin}")

    with pytest.raises(Invalid, match="is no exact origin") as caught:
        check_settings(settings)

    assert origin in str(caught.value)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8081", "http://[::1]:9", "https://a.b"])
def test_exact_origins_are_taken(origin):
    assert (
        frozenset({origin, LISTED})
        == Settings(cors_origins=f" {origin} ,{LISTED},").allowed_origins
    )

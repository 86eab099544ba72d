import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook

from bongsu.deliver.channels import webhook
from bongsu.deliver.context import Context, open_context
from bongsu.deliver.model import DeliveryError, Message
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from tests.deliver.support import context, message, until

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)


@dataclass
class Hook:
    """A real HTTP server; `answer` is what it says, `requests` what it heard."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\nx-request-id: r-1\r\n\r\n"
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hang: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        pairs = (line.partition(": ") for line in head.split("\r\n")[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((headers, body))
        if self.hang:
            await self.done.wait()
        writer.write(self.answer)
        await writer.drain()


@contextlib.asynccontextmanager
async def hook_server(hook: Hook) -> AsyncIterator[str]:
    server = await asyncio.start_server(hook, "127.0.0.1", 0)
    async with server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"
        finally:
            hook.done.set()
            await asyncio.sleep(0.02)  # what hung closes its end


def settings(tmp_path, reach: str = "loopback") -> Settings:
    return Settings(data_dir=str(tmp_path), outward_may_reach=reach)


async def post(hook: Hook, tmp_path, message_: Message | None = None, **options) -> str:
    async with (
        open_context(settings(tmp_path), SYSTEM_CLOCK) as ctx,
        hook_server(hook) as url,
    ):
        given = webhook.Options(url=url, **options)
        return (await webhook.send(given, message_ or message(), ctx)).text


async def test_the_reference_library_verifies_the_signature(tmp_path, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    hook = Hook()

    assert "204" == await post(hook, tmp_path, secret="env:HOOK_SECRET")

    headers, body = hook.requests[0]
    event = Webhook(SECRET).verify(body, headers)
    assert message().event == event
    assert headers["content-type"].startswith("application/cloudevents+json")


async def test_a_changed_body_does_not_verify(tmp_path, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    hook = Hook()
    await post(hook, tmp_path, secret="env:HOOK_SECRET")
    headers, body = hook.requests[0]

    with pytest.raises(Exception, match="No matching signature"):
        Webhook(SECRET).verify(body + b" ", headers)


async def test_every_attempt_has_the_same_id(tmp_path):
    hook = Hook()
    await post(hook, tmp_path)
    await post(hook, tmp_path)
    await post(hook, tmp_path, message("another"))

    ids = [headers["webhook-id"] for headers, _ in hook.requests]
    assert ids[0] == ids[1] != ids[2]
    assert "." not in ids[0]
    assert "webhook-signature" not in hook.requests[0][0]


async def test_korean_goes_out_as_utf_8(tmp_path):
    hook = Hook()
    await post(hook, tmp_path, message(event={"data": {"title": "쇼핑몰 중단"}}))

    assert "쇼핑몰 중단" == json.loads(hook.requests[0][1])["data"]["title"]
    assert "쇼핑몰".encode() in hook.requests[0][1]


def answer(status: str, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


async def refused(tmp_path, raw: bytes) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await post(Hook(answer=raw), tmp_path)
    return caught.value


async def test_410_turns_the_channel_off_and_is_permanent(tmp_path):
    error = await refused(tmp_path, answer("410 Gone"))

    assert (True, True) == (error.disable_channel, error.permanent)


async def test_a_redirect_is_not_followed_and_is_tried_again_later(tmp_path):
    error = await refused(tmp_path, answer("302 Found", "location: http://127.0.0.1:1/"))

    assert "redirects are not followed" in str(error)
    assert not error.permanent


@pytest.mark.parametrize("status", ["429 Too Many", "503 Away", "502 Bad", "504 Late", "500 No"])
async def test_retry_after_is_honoured(tmp_path, status):
    error = await refused(tmp_path, answer(status, "retry-after: 120", body="slow down"))

    assert (120.0, False) == (error.retry_after_s, error.permanent)
    assert f"answered {status[:3]}: slow down" in str(error)


async def test_what_the_peer_says_is_one_short_line(tmp_path):
    error = await refused(tmp_path, answer("500 No", body="a\r\nb\x1b[31m" + "x" * 3000))

    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0), ("-1", None), ("soon", None), (None, None), ("9" * 30, None),
        ("Sat, 21 Nov 2026 09:42:00 GMT", 60.0), ("Sat, 21 Nov 2020 09:42:00 GMT", 0.0),
        ("Sat, 21 Nov 2026 09:42:00 -0000", 60.0),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert seconds == webhook.retry_after_s(value, NOW)


async def test_a_private_address_is_refused_unless_the_operator_allows_it(tmp_path):
    hook = Hook()
    async with (
        open_context(settings(tmp_path, reach=""), SYSTEM_CLOCK) as ctx,
        hook_server(hook) as url,
    ):
        with pytest.raises(DeliveryError, match="this machine itself"):
            await webhook.send(webhook.Options(url=url), message(), ctx)

    assert [] == hook.requests


async def test_nobody_there_is_tried_again(tmp_path, free_port):
    async with open_context(settings(tmp_path), SYSTEM_CLOCK) as ctx:
        options = webhook.Options(url=f"http://127.0.0.1:{free_port}/")
        with pytest.raises(DeliveryError, match="gave no answer") as caught:
            await webhook.send(options, message(), ctx)

    assert not caught.value.permanent


async def test_a_hanging_peer_is_left_at_the_deadline(tmp_path):
    hook = Hook(hang=True)

    async def passes(deadline: asyncio.Timeout) -> None:
        """Once the request is there, however long that takes."""
        await until(lambda: hook.requests)
        deadline.reschedule(asyncio.get_running_loop().time())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60) as deadline:
            passing = asyncio.create_task(passes(deadline))
            await post(hook, tmp_path)

    await passing
    assert 1 == len(hook.requests)


def context_with(secrets: Secrets) -> Context:
    return context("folder:///nowhere", secrets=secrets)


@pytest.mark.parametrize("value", ["hunter2", "whsec_!!!", "whsec_c2hvcnQ="])
async def test_a_secret_of_the_wrong_form_is_said_without_showing_it(monkeypatch, value):
    monkeypatch.setenv("HOOK_SECRET", value)
    options = webhook.Options(url="http://127.0.0.1:1/", secret="env:HOOK_SECRET")

    with pytest.raises(DeliveryError, match="24 to 64 bytes") as caught:
        await webhook.send(options, message(), context_with(Secrets(SYSTEM_CLOCK)))

    assert value not in str(caught.value)


async def test_a_missing_secret_names_the_reference(monkeypatch):
    monkeypatch.delenv("NO_SUCH", raising=False)
    options = webhook.Options(url="env:NO_SUCH")

    with pytest.raises(DeliveryError, match="NO_SUCH is not set") as caught:
        await webhook.send(options, message(), context_with(Secrets(SYSTEM_CLOCK)))

    assert not caught.value.permanent


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://x"},
        {"url": "https://u:p@example.com/"},
        {"url": "not an address"},
        {"url": "https://example.com/\nX: y"},
        {"url": "https://example.com/", "secret": "whsec_clear"},
        {"url": "https://example.com/", "colour": "red"},
    ],
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ValidationError):
        webhook.Options.model_validate(options)

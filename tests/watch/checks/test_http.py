import asyncio
import base64
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import Said
from bongsu.kit.secretref import Secrets
from bongsu.watch.checks._context import ProbeContext
from bongsu.watch.checks.http import Options, probe
from tests.net.servers import LOCAL, echo_request, fetching, redirect, reply, serving
from tests.ports import free_port
from tests.watch.checks.support import look, probing

CONF = """
daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location = / {{ return 200 "hello"; }}
    location = /broken {{ return 500; }}
    location = /moved {{ return 301 /; }}
    location = /zipped {{ gzip on; gzip_types *; gzip_min_length 1; return 200 "{text}"; }}
  }}
}}
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    port = free_port()
    (folder / "nginx.conf").write_text(CONF.format(folder=folder, port=port, text="squeeze " * 100))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen(
        [binary, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 10
    while not (folder / "pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


async def test_a_page_of_a_real_server_is_up_and_measured(nginx):
    seen = await look("http", f"{nginx}/")

    assert (True, "up", 200, None) == (seen.ok, seen.level, seen.status, seen.reason)
    assert b"hello" == seen.body
    assert dict(seen.headers)["Server"].startswith("nginx")
    assert seen.phases_us.connect > 0
    assert seen.address == nginx.removeprefix("http://")


async def test_a_real_500_is_an_answer_for_conditions_to_judge(nginx):
    seen = await look("http", {"url": f"{nginx}/broken"})

    assert (500, None, True) == (seen.status, seen.fault, seen.connected)


async def test_redirects_are_followed_unless_told_otherwise(nginx):
    followed = await look("http", {"url": f"{nginx}/moved"})
    stayed = await look("http", {"url": f"{nginx}/moved", "follow_redirects": False})

    assert (200, (f"{nginx}/",)) == (followed.status, followed.redirects)
    assert (301, ()) == (stayed.status, stayed.redirects)


async def test_compressed_answers_are_asked_for_and_unpacked(nginx):
    seen = await look("http", {"url": f"{nginx}/zipped"}, needs=frozenset({"body"}))

    assert b"squeeze " * 100 == seen.body
    assert ("Content-Encoding", "gzip") in seen.headers


def waiting_ports(port: int) -> int:
    """Connections to `port` whose end on our side is in TIME_WAIT."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(f[3] == "06" and f[2].endswith(f":{port:04X}") for f in fields)


async def test_the_server_ends_the_connection_so_that_no_port_of_ours_waits(nginx):
    port = int(nginx.rpartition(":")[2])
    async with probing() as ctx:
        options = Options(url=f"{nginx}/")
        for _ in range(20):
            await asyncio.gather(*(probe(options, ctx) for _ in range(20)))

    assert waiting_ports(port) < 40  # of 400; with keep-alive it would be all


async def test_a_body_that_no_condition_reads_is_kept_only_at_its_head():
    async with serving(reply(b"x" * 50_000)) as port:
        head = await look("http", f"http://127.0.0.1:{port}/")
        whole = await look("http", f"http://127.0.0.1:{port}/", needs=frozenset({"body"}))

    assert (2048, True) == (len(head.body), head.body_truncated)
    assert (50_000, False) == (len(whole.body), whole.body_truncated)


async def test_a_refused_connection_is_down_with_a_reason():
    seen = await look("http", f"http://127.0.0.1:{free_port()}/")

    assert ("down", "connect_refused") == (seen.level, seen.fault.kind)
    assert "127.0.0.1 refused the connection." == str(seen.reason)
    assert "127.0.0.1에서 연결을 거부했습니다." == seen.reason.to("ko")


async def test_a_bad_certificate_is_down_and_shown_or_accepted_when_asked(pki):
    async with serving(reply(), pki.expired("127.0.0.1")) as port:
        url = f"https://127.0.0.1:{port}/"
        strict = await look("http", url, pki.ca_file)
        careless = await look("http", {"url": url, "verify": False}, pki.ca_file)

    assert ("down", "certificate") == (strict.level, strict.fault.kind)
    assert "expired" == strict.certificate.problem
    assert "The certificate of 127.0.0.1 is not trusted: expired." == str(strict.reason)
    assert "만료됨" in strict.reason.to("ko")
    assert ("up", 200) == (careless.level, careless.status)


async def test_secrets_are_sent_from_their_references_and_never_come_back():
    seen: list[bytes] = []
    options = {
        "headers": {"X-Api-Key": "env:KEY", "X-Plain": "plain"},
        "username": "alice",
        "password": "env:PASSWORD",
    }
    async with serving(echo_request(seen)) as port:
        options["url"] = f"http://127.0.0.1:{port}/"
        answer = await look(
            "http", options, secrets={"env:KEY": "canary-key-1", "env:PASSWORD": "canary-pw-2"}
        )

    pair = base64.b64encode(b"alice:canary-pw-2")
    assert b"X-Api-Key: canary-key-1\r\n" in seen[0]
    assert b"Authorization: Basic " + pair in seen[0]
    assert b"plain" in answer.body
    for secret in (b"canary-key-1", b"canary-pw-2", pair):
        assert secret not in answer.body
        assert secret.decode() not in repr(answer)


async def test_a_secret_that_is_not_there_is_our_fault_not_the_targets(monkeypatch):
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    options = Options(url="http://127.0.0.1:9/", headers={"Authorization": "env:NOT_SET_ANYWHERE"})

    async with fetching() as fetcher:
        ctx = ProbeContext(fetcher, LOCAL, SYSTEM_CLOCK, Secrets(SYSTEM_CLOCK), 5)
        seen = await probe(options, ctx)

    assert ("unknown", "secret") == (seen.level, seen.own)
    assert "NOT_SET_ANYWHERE" in str(seen.reason)


async def test_a_redirect_to_a_denied_address_is_down_with_the_guards_sentence():
    async with serving(redirect("http://169.254.169.254/latest/")) as port:
        seen = await look("http", f"http://127.0.0.1:{port}/")

    assert ("down", "guard") == (seen.level, seen.fault.kind)
    assert "169.254.169.254" in str(seen.reason)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("ftp://x/", "must start with http"),
        ({"url": "http://u:p@x/"}, "user name"),
        ({"url": "http://x/", "metod": "GET"}, "Extra inputs"),
        ({"url": "http://x/", "method": "BREW"}, "Input should be"),
        ({"url": "http://x/", "headers": {"A b": "c"}}, "no header"),
        ({"url": "http://x/", "headers": {"Connection": "keep-alive"}}, "no header"),
        ({"url": "http://x/", "headers": {"A": "b\r\nC: d"}}, "line break"),
        ({"url": "http://x/", "headers": {"Authorization": "Bearer abcdef"}}, "reference"),
        ({"url": "http://x/", "password": "hunter2"}, "reference"),
        ({}, "Field required"),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(options, words):
    with pytest.raises(ValidationError, match=words):
        Options.model_validate(options)


def test_our_own_refusals_are_sentences_in_both_languages():
    with pytest.raises(ValidationError) as raised:
        Options.model_validate({"url": "nonsense"})

    said = raised.value.errors()[0]["ctx"]["error"].args[0]
    assert isinstance(said, Said)
    assert said.to("ko") != said.to("en")


def test_the_short_form_is_the_address():
    assert Options.model_validate("https://shop.example.com/") == Options(
        url="https://shop.example.com/"
    )

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bongsu.kit.errors import Invalid
from bongsu.kit.text import cells
from bongsu.net.model import Certificate, Phases
from bongsu.watch.commands import check_of, document, drawn, kind_of
from bongsu.watch.model import Check, Observation, Outcome
from tests.net.servers import reply, serving
from tests.ports import free_port

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SHOWN = Certificate(
    "shop.example.com", "Test CA", ("shop.example.com",), AT, AT.replace(year=2027), 2, "TLSv1.3"
)
SEEN = Observation(
    True, "up", AT, connected=True, status=200, phases_us=Phases(1000, 2000, 4000, 8000, 1000),
    address="[2001:db8::1]:443", certificate=SHOWN,
    conditions=(Outcome("[STATUS] == 200", True, "[STATUS] == 200"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://shop.example.com/x", ("http", {"url": "https://shop.example.com/x"})),
        ("shop.example.com", ("http", {"url": "https://shop.example.com/"})),
        ("db.example.com:5432", ("tcp", {"address": "db.example.com:5432"})),
        ("[2001:db8::1]:25", ("tcp", {"address": "[2001:db8::1]:25"})),
        ("tcp://db.example.com:5432", ("tcp", {"address": "db.example.com:5432"})),
        ("tls://shop.example.com", ("tls", {"address": "shop.example.com"})),
        ("tls://shop.example.com:993/", ("tls", {"address": "shop.example.com:993"})),
    ],
)
def test_a_target_says_which_kind_is_meant(target, expected):
    assert expected == kind_of(target)


@pytest.mark.parametrize(
    ("target", "expect", "timeout"),
    [("ftp://x/", (), "10s"), ("http://x/", ("nonsense",), "10s"), ("http://x/", (), "soon")],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(target, expect, timeout):
    with pytest.raises(Invalid):
        check_of(target, expect, timeout)


def test_the_document_has_exactly_the_agreed_shape():
    shape = document(SEEN)

    assert [
        "ok", "status", "ip", "phases_us", "total_us", "certificate", "conditions", "error",
    ] == list(shape)  # fmt: skip
    assert {
        "name": 1000,
        "connect": 2000,
        "tls": 4000,
        "first_byte": 8000,
        "transfer": 1000,
    } == shape["phases_us"]
    assert (True, 200, "2001:db8::1", 16000, None) == (
        shape["ok"], shape["status"], shape["ip"], shape["total_us"], shape["error"],
    )  # fmt: skip
    assert "2027-11-21T09:00:00.000Z" == shape["certificate"]["not_after"]
    assert [{"condition": "[STATUS] == 200", "ok": True, "text": "[STATUS] == 200"}] == shape[
        "conditions"
    ]


def test_phases_are_drawn_one_after_another_in_columns():
    check = Check(0, "probe", 0, "here", "http", {"url": "https://shop.example.com/"}, 60, 10)

    english, korean = (drawn(check, SEEN, language, bars=True) for language in ("en", "ko"))

    assert english[0].startswith("Up  https://shop.example.com/  200 · [2001:db8::1]:443 · 16.0 ms")
    assert korean[0].startswith("정상  ")
    bars = [line.split(" ms  ")[1] for line in english[1:6]]
    starts = [len(bar) - len(bar.lstrip()) for bar in bars]
    assert sorted(starts) == starts
    assert len(bars[3].strip()) == max(len(bar.strip()) for bar in bars)
    assert 1 == len({cells(line[: line.index(" ms")]) for line in korean[1:6]})
    assert any("365" in line for line in english)


def test_without_a_terminal_there_are_no_bars():
    check = Check(0, "probe", 0, "here", "http", {"url": "https://shop.example.com/"}, 60, 10)

    assert not any("█" in line for line in drawn(check, SEEN, "en", bars=False))


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bongsu", "probe", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


async def test_the_command_probes_without_a_server_and_ends_with_0_or_1():
    async with serving(reply(b"fine", "200 OK")) as port:
        url = f"http://127.0.0.1:{port}/"
        good = await asyncio.to_thread(run, url, "--json", "--expect", "[BODY] == fine")
        missed = await asyncio.to_thread(run, url, "--expect", "[STATUS] == 418")
    refused = run(f"127.0.0.1:{free_port()}", "--json")

    assert (0, True) == (good.returncode, json.loads(good.stdout)["ok"])
    assert 1 == missed.returncode
    assert "Answered 200, expected 418." in missed.stdout
    assert (1, False) == (refused.returncode, json.loads(refused.stdout)["ok"])
    assert "refused the connection" in json.loads(refused.stdout)["error"]


def test_the_command_imports_no_server_code():
    code = (
        "import sys, bongsu.watch.commands\n"
        "print(sorted({'sqlalchemy', 'fastapi', 'boto3', 'uvicorn', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()

import json
from datetime import UTC, datetime

from bongsu.kit.i18n import say
from bongsu.net.model import Certificate, Phases
from bongsu.watch import evidence
from bongsu.watch.model import Fault, Observation, Outcome
from bongsu.watch.verdict import Transition
from tests.watch.world import a_check

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CANARY = "hunter2hunter2"


def a_look() -> Observation:
    return Observation(
        False, "down", NOW, connected=True, status=503, phases_us=Phases(1, 2, 3, 4, 5),
        address="192.0.2.7:443", http_version="HTTP/1.1",
        headers=(("Content-Type", "text/html"), ("Set-Cookie", f"session={CANARY}")),
        body=(f"password={CANARY} " + "x" * 5000).encode() + b"\xff\x00",
        certificate=Certificate("a.test", "CA", ("a.test",), NOW, NOW, 2, "TLSv1.3"),
        redirects=(f"https://b.test/?token={CANARY}",),
        fault=Fault("tls", f"token={CANARY}"),
        conditions=(Outcome("[STATUS] == 200", False, "[STATUS] (503) == 200"),),
        reason=say("It answered {status}.", status=503),
    )  # fmt: skip


def test_evidence_holds_what_was_asked_and_seen_and_no_secret():
    check = a_check(
        7,
        options={
            "url": f"https://a.test/?api_key={CANARY}",
            "headers": {"Authorization": "env:TOKEN"},
        },
    )
    move = Transition("up", "down", NOW, NOW, say("It answered 503."))

    document = evidence.evidence(check, "here", move, a_look())
    told = json.loads(document)

    assert CANARY.encode() not in document
    assert told["request"]["options"]["headers"] == {"Authorization": "env:TOKEN"}
    assert told["verdict"] == {
        "before": "up", "after": "down", "since": "2026-11-21T09:00:00.000Z", "reason": "It answered 503.",
    }  # fmt: skip
    seen = told["seen"]
    assert (seen["status"], seen["address"], seen["level"]) == (503, "192.0.2.7:443", "down")
    assert seen["phases_us"] == {"name": 1, "connect": 2, "tls": 3, "first_byte": 4, "transfer": 5}
    assert seen["headers"] == [["Content-Type", "text/html"], ["Set-Cookie", "••••"]]
    assert len(seen["body_head"]) <= 2048
    assert (seen["body_bytes"], seen["body_truncated"]) == (5026, False)
    assert seen["certificate"]["subject"] == "a.test"
    assert seen["conditions"][0]["text"] == "[STATUS] (503) == 200"


def test_the_key_says_service_check_day_and_event():
    assert evidence.key_of(a_check(7), NOW, "id") == "evidence/shop/check-7/2026-11-21/id.json"


def test_a_line_of_the_archive_is_small_and_clean():
    line = evidence.failed_look(a_check(7), "here", "up", a_look())

    assert CANARY not in json.dumps(line)
    assert (line["service"], line["check_id"], line["level"], line["state"]) == (
        "shop",
        7,
        "down",
        "up",
    )
    assert len(json.dumps(line)) < 1500


def test_a_summary_is_what_who_asked_now_sees():
    told = evidence.summary(a_check(7), None, a_look())

    assert (told["ok"], told["level"], told["state"]) == (False, "down", "unknown")
    assert told["reason"] == {"text": "It answered {status}.", "args": {"status": 503}}
    assert evidence.summary(a_check(7), "up", Observation(True, "up", NOW))["certificate"] is None

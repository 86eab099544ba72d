import json

from bongsu.kit.clock import ManualClock
from bongsu.kit.i18n import say
from bongsu.net.model import Certificate
from bongsu.watch.outlets import Outlets
from bongsu.watch.verdict import Transition
from tests.watch.world import a_check, saw

CLOCK = ManualClock()


class Taken:
    """Recorder, spool and archive in one; remembers what it was given."""

    def __init__(self) -> None:
        self.rows, self.records, self.changes, self.rest = [], [], [], []

    def append(self, where: str, what) -> None:
        (self.rows if where == "check_result" else self.records).append((where, what))

    def change(self, change, document) -> None:
        self.changes.append((change, document))

    def __getattr__(self, name: str):
        return lambda *given, **named: self.rest.append((name, given, named))


def outlets() -> tuple[Outlets, Taken]:
    taken = Taken()
    return Outlets("here", taken, taken, taken), taken


def test_every_look_is_a_row_and_every_failed_one_a_record():
    out, taken = outlets()
    out.looked(a_check(7), "up", saw("up", CLOCK.now()))
    out.looked(a_check(7), "up", saw("down", CLOCK.now()))
    out.looked(a_check(7), "up", saw("", CLOCK.now(), own="EMFILE"))

    rows = [json.loads(row) for _, row in taken.rows]
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in rows] == [
        (7, "here", "up", "up", 10_000),
        (7, "here", "down", "up", 10_000),
        (7, "here", "unknown", "up", 10_000),
    ]
    assert rows[0][6:13] == [200, 100, 200, 0, 700, 0, 0]
    assert (rows[1][13], rows[2][14]) == ("connect_refused", "EMFILE")
    assert [(where, one["level"], one["own"]) for where, one in taken.records] == [
        ("shop", "down", None), ("shop", "unknown", "EMFILE"),
    ]  # fmt: skip


def test_a_skipped_slot_is_a_row_for_all_the_time_it_stands_for_and_no_record():
    out, taken = outlets()
    out.looked(a_check(7), "up", saw("", CLOCK.now(), own="skipped_late"), intervals=3)

    row = json.loads(taken.rows[0][1])
    assert (row[3], row[4], row[5], row[14]) == ("unknown", "up", 30_000, "skipped_late")
    assert taken.records == []


def test_a_change_carries_the_id_and_place_of_its_evidence():
    out, taken = outlets()
    certificate = Certificate("a.test", "CA", (), CLOCK.now(), CLOCK.now(), 1)
    move = Transition("up", "down", CLOCK.now(), CLOCK.now(), say("Because."))
    out.changed(a_check(7), move, saw("down", CLOCK.now(), certificate=certificate))

    ((change, document),) = taken.changes
    assert change.evidence == f"evidence/shop/check-7/2026-11-21/{change.event_id}.json"
    assert json.loads(document)["verdict"]["after"] == "down"
    assert change.certificate["subject"] == "a.test"


def test_the_first_good_look_is_no_evidence_of_anything():
    out, taken = outlets()
    move = Transition(None, "up", CLOCK.now(), CLOCK.now(), say("The first look was good."))
    out.changed(a_check(7), move, saw("up", CLOCK.now()))

    ((change, document),) = taken.changes
    assert (change.evidence, change.certificate, document) == (None, None, None)


def test_the_rest_is_handed_to_the_recorder():
    out, taken = outlets()
    out.certificate(7, {"subject": "a"})
    out.answer("request", {"ok": True})
    out.trouble("stalled", seconds=3)

    assert taken.rest == [
        ("certificate", (7, {"subject": "a"}), {}),
        ("answer", ("request", {"ok": True}), {}),
        ("trouble", ("stalled",), {"seconds": 3}),
    ]

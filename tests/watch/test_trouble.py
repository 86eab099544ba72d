from bongsu.kit.clock import ManualClock
from bongsu.kit.i18n import catalogue
from bongsu.lake.trouble import Trouble
from bongsu.watch.absence import PATIENCE_S, Absences
from bongsu.watch.figures import Figures
from bongsu.watch.trouble import CALM_S, TROUBLES, Troubles


def test_many_signs_of_one_trouble_are_one_event():
    clock, troubles = ManualClock(), Troubles("here")

    firsts = []
    for _ in range(10):
        firsts.append(troubles.sign("state_busy", clock.now(), clock.monotonic_s(), why="locked"))
        clock.advance(10)

    assert firsts == [True] + [False] * 9
    (episode,) = troubles.untold()
    draft = troubles.draft(episode)
    assert (draft.type, draft.severity, draft.dedup_key) == (
        "own.state_busy",
        4,
        "own/state_busy/here",
    )
    assert (draft.data["signs"], draft.data["lasted_s"], draft.data["why"]) == (10, 90.0, "locked")
    assert draft.data["began"] == "2026-11-21T09:00:00.000Z"
    episode.told = True
    assert troubles.untold() == []


def test_a_trouble_that_comes_back_after_a_calm_is_a_new_one():
    clock, troubles = ManualClock(), Troubles("here")
    assert troubles.sign("stalled", clock.now(), clock.monotonic_s())
    clock.advance(CALM_S + 0.1)

    assert troubles.sign("stalled", clock.now(), clock.monotonic_s())
    assert troubles.sign("clock_jump", clock.now(), clock.monotonic_s())
    assert {episode.kind for episode in troubles.untold()} == {"stalled", "clock_jump"}


def test_every_trouble_is_said_in_both_languages_and_has_a_severity():
    for severity, reason in TROUBLES.values():
        assert severity in {2, 3, 4}
        assert reason.text in catalogue("ko")


def signs(absences: Absences) -> list[str]:
    told: list[str] = []
    absences.pulse(lambda kind, **_: told.append(kind))
    return told


def test_a_lake_or_store_that_is_only_starting_is_no_trouble_and_one_that_stays_away_is():
    clock = ManualClock()
    absences = Absences(clock)
    absences.spool_says(Trouble("away", why="refused"))
    absences.outbox_says("away", "refused")
    assert signs(absences) == []

    clock.advance(PATIENCE_S + 1)
    assert sorted(signs(absences)) == ["lake_away", "objects_away"]

    absences.spool_says(Trouble("back"))
    absences.outbox_says("back", "")
    assert signs(absences) == []


def test_what_the_spool_loses_is_told_at_once_and_once():
    absences = Absences(ManualClock())
    for kind in ("disk_full", "dropped", "refused", "torn", "disk_back"):
        absences.spool_says(Trouble(kind, 7, "because"))

    assert signs(absences) == ["disk_full", "results_dropped", "results_refused"]
    assert signs(absences) == []


def test_lateness_is_counted_by_the_millisecond():
    figures = Figures()
    assert figures.late_ms(0.99) == 0
    for late_us in [500] * 98 + [12_300, 9_000_000]:
        figures.start(late_us)

    assert (figures.late_ms(0.5), figures.late_ms(0.99), figures.late_ms(1.0)) == (1, 13, 2501)
    assert (figures.started, figures.most_late_us) == (100, 9_000_000)
    figures.forget()
    assert (figures.started, figures.late_ms(0.5)) == (0, 0)

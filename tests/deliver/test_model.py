from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.deliver.model import (
    LANE_TROUBLE_FAILURES,
    PAGE_LADDER_S,
    WEBHOOK_LADDER_S,
    Delivery,
    DeliveryError,
    Lane,
    Message,
    Receipt,
    Sent,
    died_because,
    fate,
    lane_of,
)
from bongsu.kit.i18n import say
from tests.deliver.support import message

NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)


def sent(attempts: int = 1, error: DeliveryError | None = None) -> Sent:
    row = Delivery(
        id=1, key="k", kind="mail", channel=None, lane="mail", options={}, recipient="a@example.com",
        message=message(), subject="incident/12", event_id=None, attempts=attempts,
    )  # fmt: skip
    return Sent(row, NOW, 20, None if error else Receipt("250 ok"), error)


def refused(**values) -> DeliveryError:
    return DeliveryError(say("no"), **values)


def test_a_message_comes_back_as_it_was_stored():
    before = message(event={"id": "x"})

    assert before == Message.load(before.stored())


def test_a_stored_message_of_another_version_is_still_a_message():
    stored = message().stored() | {"colour": "red"}
    del stored["facts"], stored["lead"]

    assert ((), "") == (Message.load(stored).facts, Message.load(stored).lead)


def test_a_receipt_keeps_the_words_and_the_number_of_the_other_side():
    assert {"text": "Queued", "number": "4711"} == Receipt("Queued", "4711").stored()


def test_a_page_is_tried_at_once_then_after_5_15_45_seconds_and_2_10_30_minutes_and_2_hours():
    pauses = [
        (fate(sent(n, refused()), PAGE_LADDER_S, 0.0).again_at or NOW) - NOW for n in range(1, 8)
    ]

    assert [5, 15, 45, 120, 600, 1800, 7200] == [pause.total_seconds() for pause in pauses]


def test_a_webhook_is_given_up_after_the_ten_attempts_of_standard_webhooks():
    states = [fate(sent(n, refused()), WEBHOOK_LADDER_S, 0.0).state for n in range(1, 11)]

    assert ["waiting"] * 9 + ["dead"] == states
    assert 75.6 == pytest.approx(sum(WEBHOOK_LADDER_S) / 3600, abs=0.1)


def test_what_was_taken_is_delivered():
    assert "delivered" == fate(sent(), PAGE_LADDER_S, 0.5).state


def test_a_permanent_error_is_dead_at_once():
    assert "dead" == fate(sent(1, refused(permanent=True)), PAGE_LADDER_S, 0.0).state


def test_an_address_that_is_gone_is_permanent_too():
    assert refused(disable_channel=True).permanent


@given(asked_s=st.floats(0, 1e9), attempts=st.integers(1, 9), jitter=st.floats(0, 1))
def test_retry_after_lengthens_the_pause_and_never_beyond_a_day(asked_s, attempts, jitter):
    plain = fate(sent(attempts, refused()), WEBHOOK_LADDER_S, jitter).again_at
    asked = fate(sent(attempts, refused(retry_after_s=asked_s)), WEBHOOK_LADDER_S, jitter).again_at

    assert plain is not None
    assert asked is not None
    assert plain <= asked <= max(plain, NOW + timedelta(days=1))
    assert asked >= NOW + timedelta(seconds=min(asked_s, 86_400) - 0.001)


def test_a_dead_letter_says_whether_it_was_tried_to_the_end():
    tired = sent(len(PAGE_LADDER_S), refused())

    assert "Given up after 11 attempts. The last: no" == str(died_because(tired, PAGE_LADDER_S))
    assert "Not tried again, because it cannot help: no" == str(
        died_because(sent(1, refused(permanent=True)), PAGE_LADDER_S)
    )
    assert "delivered" in str(died_because(sent(), PAGE_LADDER_S))


def test_all_mail_is_one_lane_and_each_webhook_its_own():
    lanes = [lane_of("mail", "ops-mail"), lane_of("mail", None), lane_of("webhook", "a")]

    assert ["mail", "mail", "webhook/a"] == lanes
    assert "sns" == lane_of("sns", None)


def test_a_lane_is_in_trouble_after_several_failures_in_a_row_until_something_arrives():
    lane = Lane()
    for _ in range(LANE_TROUBLE_FAILURES):
        assert not lane.trouble
        lane = lane.after(sent(1, refused()))

    assert lane.trouble
    assert lane.after(sent(1, refused())).trouble
    assert Lane() == lane.after(sent())


def test_a_refused_recipient_says_nothing_about_the_lane():
    assert Lane(3) == Lane(3).after(sent(1, refused(permanent=True)))

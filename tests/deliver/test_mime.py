from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from bongsu.deliver.mime import compose, message_id, plain
from bongsu.deliver.model import Group, Message
from tests.deliver.support import message

NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
SENDER = "bongsu@alerts.example.com"


def mail(sender: str = SENDER, to: tuple[str, ...] = ("kim@example.com",), **values):
    return message_from_bytes(compose(message(**values), sender, to, NOW), policy=default)


def test_all_mails_of_one_incident_answer_to_one_root_and_have_ids_of_their_own():
    opened, resolved = (
        mail(key="incident/12/opened/user/1"),
        mail(key="incident/12/resolved/user/1"),
    )

    assert "<incident-12@alerts.example.com>" == opened["References"] == resolved["In-Reply-To"]
    assert opened["Message-ID"] != resolved["Message-ID"]
    assert opened["Subject"] == resolved["Subject"]


def test_a_second_attempt_has_the_same_message_id():
    assert mail()["Message-ID"] == mail()["Message-ID"]


def test_list_and_automatic_mail_are_marked_as_such():
    one = mail(list_id="Shop")

    assert "<shop.alerts.example.com>" == one["List-Id"]
    assert ("auto-generated", "bulk") == (one["Auto-Submitted"], one["Precedence"])


def test_only_what_is_severe_claims_to_be_important():
    assert "high" == mail(severity=4)["Importance"]
    assert mail(severity=3)["Importance"] is None


def test_a_korean_subject_arrives_whole_and_the_wire_is_seven_bit():
    subject = "[INC-12] 쇼핑몰 결제 시스템 중단 " * 4

    raw = compose(
        message(subject=subject, lead="쇼핑몰이 중단되었습니다."), SENDER, ("a@b.kr",), NOW
    )

    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert subject.strip() == message_from_bytes(raw, policy=default)["Subject"]


def test_long_ids_are_neither_folded_nor_encoded():
    host = ".".join(["a-very-long-label-of-a-company"] * 4) + ".example.co.kr"
    raw = compose(message(), f"bongsu@{host}", ("a@b.kr",), NOW)

    line = next(line for line in raw.split(b"\r\n") if line.startswith(b"References:"))
    assert f"References: <incident-12@{host}>" == line.decode()


def test_both_parts_say_the_lead_the_facts_the_reasons_and_the_link():
    one = mail()
    text = one.get_body(("plain",)).get_content()
    html = BeautifulSoup(one.get_body(("html",)).get_content(), "html.parser")

    for expected in ("Shop has been down since 09:41.", "Since", "[STATUS] (503) == 200"):
        assert expected in text
        assert expected in html.get_text()
    assert "https://bongsu.example.com/incidents/12" == html.find("a")["href"]


def test_what_a_server_wrote_cannot_become_markup():
    html = mail(reasons=("<script>alert(1)</script>",), lead="<b>x</b>").get_body(("html",))

    assert "<script>" not in html.get_content()
    assert "&lt;b&gt;x" in html.get_content()


def test_an_empty_message_has_no_empty_parts():
    bare = message(facts=(), reasons=(), link="", because="", word="")

    assert "Shop has been down since 09:41.\n" == plain(bare)
    html = mail(facts=(), reasons=(), link="", because="", word="").get_body(("html",))
    assert "<a " not in html.get_content()


def test_a_line_break_in_an_address_is_refused():
    with pytest.raises(ValueError, match=r"(?i)line"):
        mail(to=("a@example.com\r\nBcc: all@example.com",))


@given(
    text=st.text(alphabet=st.characters(codec="utf-8"), max_size=60),
    breaks=st.sampled_from(["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", ""]),
)
def test_no_text_can_forge_a_header(text, breaks):
    evil = f"{text}{breaks}Bcc: all@example.com{breaks}{breaks}body"
    one = mail(subject=evil, key=evil, thread=evil, list_id=evil, because=evil)

    assert one["Bcc"] is None
    assert {"kim@example.com"} == {address.addr_spec for address in one["To"].addresses}
    assert 1 == len(one.get_all("Subject"))


def test_a_sender_outside_ascii_gets_ids_in_ascii():
    raw = compose(message(), "알림@예시.kr", ("a@b.kr",), NOW)

    assert b"<incident-12@xn--" in raw


@given(st.text(max_size=300))
def test_a_message_id_is_always_short_printable_ascii(key):
    made = message_id(key, "example.com")

    assert made.isascii()
    assert made.isprintable()
    assert len(made) < 90
    assert " " not in made


MOVED = (("Status", "Waiting", "In progress"), ("Due", "", "30 Nov 2026"))
EDITED = (
    ("Description", "Pin the client.\nThen release.", "Pin the client to 1.5.\nThen release."),
)
UNSUBSCRIBE = "https://bongsu.example.com/unsubscribe/NDIudGFzay50YXNrLzQy.c2lnbmF0dXJl"


def test_what_changed_stands_before_what_is_true_now():
    text = plain(message(changes=MOVED, facts=(("Status", "In progress"),), reasons=()))

    assert "Status: Waiting → In progress\nDue: 30 Nov 2026\n" in text
    assert "Now:\nStatus: In progress\n" in text


def test_a_long_text_is_shown_by_what_went_and_what_came():
    text = plain(message(changes=EDITED))
    html = BeautifulSoup(mail(changes=EDITED).get_body(("html",)).get_content(), "html.parser")

    assert (
        "Description:\n  - Pin the client.\n  + Pin the client to 1.5.\n    Then release.\n" in text
    )
    assert ["− Pin the client."] == [one.get_text() for one in html.find_all("del")]
    assert ["+ Pin the client to 1.5."] == [one.get_text() for one in html.find_all("ins")]


def test_what_a_person_wrote_is_quoted_and_stays_text():
    one = mail(quote="Look:\n\n<img src=x>", lead="Alice commented.")

    assert "> Look:\n>\n> <img src=x>\n" in one.get_body(("plain",)).get_content()
    quote = BeautifulSoup(one.get_body(("html",)).get_content(), "html.parser").blockquote
    assert "Look:\n\n<img src=x>" == quote.get_text()


def test_a_digest_groups_what_happened_by_its_thing():
    group = Group(
        "[TSK-42] Pin", "https://b.example.com/tasks/TSK-42", (("09:41", "Alice moved it."),)
    )
    one = mail(groups=(group,))

    text = one.get_body(("plain",)).get_content()
    assert "[TSK-42] Pin\n  09:41  Alice moved it.\n  https://b.example.com/tasks/TSK-42" in text
    assert "Alice moved it." in one.get_body(("html",)).get_content()


def test_one_click_is_offered_by_https_and_the_address_alone_without():
    safe, plain_http = (
        mail(unsubscribe=UNSUBSCRIBE),
        mail(unsubscribe=UNSUBSCRIBE.replace("s:", ":")),
    )

    assert f"<{UNSUBSCRIBE}>" == safe["List-Unsubscribe"]
    assert "List-Unsubscribe=One-Click" == safe["List-Unsubscribe-Post"]
    assert plain_http["List-Unsubscribe"].startswith("<http:")
    assert plain_http["List-Unsubscribe-Post"] is None
    assert mail()["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "evil", ["https://x>, <mailto:a@b.c", "https://x y", "https://x\r\nBcc: a@b.c"]
)
def test_an_address_that_could_end_its_brackets_is_left_out(evil):
    assert mail(unsubscribe=evil)["List-Unsubscribe"] is None


def test_the_event_behind_a_mail_is_named():
    assert "0192-ab" == mail(event={"id": "0192-ab"})["X-Event-Id"]
    assert mail(event={"id": "a b"})["X-Event-Id"] is None


def test_a_message_is_the_same_after_it_was_kept():
    whole = message(
        changes=MOVED,
        quote="q",
        groups=(Group("h", "l", (("09:41", "x"),)),),
        ways_out=(("Mute", UNSUBSCRIBE),),
        unsubscribe=UNSUBSCRIBE,
    )

    assert whole == Message.load(whole.stored())
    assert UNSUBSCRIBE not in plain(whole.for_others())
    assert UNSUBSCRIBE in plain(whole)

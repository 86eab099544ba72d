from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.accounts.model import Team, User
from bongsu.deliver.store_channels import Channel
from bongsu.kit.i18n import say
from bongsu.kit.settings import Settings
from bongsu.services.model import Service
from bongsu.tell.audience import Known, choose
from bongsu.tell.model import Defaults, Deliver, Listener, Skip, occasion_key, stamp, zone_of

DEFAULTS = Defaults("https://x.example.com", "en", "UTC")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def user(number: int, name: str, disabled: bool = False, **values) -> User:
    given = {
        "id": number, "email": f"{name.lower()}@example.com", "name": name, "role": "viewer",
        "language": None, "time_zone": None, "created_at": AT, "has_password": True,
        "verified_at": AT,
        "disabled_at": AT if disabled else None,
    }  # fmt: skip
    return User(**(given | values))


def team(name: str, *members: User) -> tuple[Team, tuple[User, ...]]:
    return Team(1, name, f"{name} team", tuple(m.id for m in members)), members


def service(*owners: str) -> Service:
    return Service(7, "shop", "Shop", "", "", (), (), owners, None)


def channel(name: str, enabled: bool = True, **values) -> Channel:
    given = {
        "id": 1, "name": name, "kind": "webhook", "options": {"url": "https://x"},
        "enabled": enabled, "disabled_because": None, "defined_in": None,
    }  # fmt: skip
    return Channel(**(given | values))


NEW = user(4, "New", verified_at=None)
KIM, LEE, OFF = user(1, "Kim"), user(2, "Lee"), user(3, "Off", disabled=True)
ALICE = user(9, "Alice", role="admin")


def chosen(words, **known) -> list[tuple[str, str, str | None]]:
    made = choose(words, Known(**({"admins": (ALICE,)} | known)), DEFAULTS)
    return [(x.person, str(x.reason), str(x.barred) if x.barred else None) for x in made]


def test_owners_are_the_members_of_the_owning_teams_each_once():
    teams = {"shop": team("shop", KIM, LEE), "night": team("night", LEE)}

    assert [
        ("Kim", "member of shop team, which owns Shop", None),
        ("Lee", "member of shop team, which owns Shop", None),
    ] == chosen(["owners"], service=service("shop", "night"), teams=teams)


def test_without_an_owner_team_the_administrators_are_told_and_why():
    assert [
        ("owners of Shop", "Shop has no owner team", "Shop has no owner team"),
        ("Alice", "administrator; Shop has no owner team", None),
    ] == chosen(["owners"], service=service())


def test_what_belongs_to_no_service_goes_to_the_administrators():
    assert ("Alice", "administrator; it belongs to no service", None) in chosen(["owners"])


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ((), "the team shop team has no members"),
        ((OFF,), "the account is disabled"),
        ((NEW,), "the mail address is not verified"),
    ],
)
def test_a_team_that_nobody_can_be_told_in_leads_to_the_administrators(members, why):
    found = chosen(["owners"], service=service("shop"), teams={"shop": team("shop", *members)})

    assert ("Alice", f"administrator; {why}", None) == found[-1]


def test_a_disabled_member_stands_there_with_the_reason_beside_the_others():
    found = chosen(["team:shop"], teams={"shop": team("shop", KIM, OFF)})

    assert [("Kim", None), ("Off", "the account is disabled")] == [(f[0], f[2]) for f in found]


def test_a_team_that_is_not_there_is_said():
    assert ("none", "there is no team none", "there is no team none") == chosen(["team:none"])[0]


def test_an_administrator_who_is_also_an_owner_is_told_once_as_owner():
    teams = {"shop": team("shop", ALICE)}
    found = chosen(["owners", "admins"], service=service("shop"), teams=teams)

    assert [("Alice", "member of shop team, which owns Shop", None)] == found


def test_a_channel_that_is_off_gives_its_reason():
    off = channel("ops", enabled=False, disabled_because=say("gone for good"))

    assert (
        "the channel ops is off: gone for good"
        == chosen(["channel:ops"], channels={"ops": off})[0][2]
    )


def test_a_channel_alone_is_enough():
    found = chosen(["channel:ops"], channels={"ops": channel("ops")})

    assert [("ops", "channel ops, named by the rule", None)] == found


def test_a_house_without_administrators_says_that_too():
    found = chosen(["owners"], service=service(), admins=())

    assert "there is no administrator with an enabled account" == found[-1][2]


def test_no_words_and_unknown_words_lead_to_the_administrators():
    assert [("Alice", "administrator; nobody was named", None)] == chosen([])
    assert [("Alice", "administrator; nobody was named", None)] == chosen(["everybody"])


def test_people_have_their_language_and_zone_and_otherwise_that_of_the_house():
    korean = user(4, "Park", language="ko", time_zone="Asia/Seoul")
    found = choose(["team:t"], Known(teams={"t": team("t", korean, KIM)}), DEFAULTS)

    assert [("ko", "Asia/Seoul"), ("en", "UTC")] == [(x.language, x.time_zone) for x in found]
    assert ({"to": ["park@example.com"]}, "mail") == (found[0].options, found[0].kind)


@given(
    st.lists(st.sampled_from(["owners", "admins", "team:a", "team:b", "channel:x", "channel:off"])),
    st.sets(st.sampled_from([KIM, LEE, OFF, ALICE]), max_size=4),
)
def test_nobody_stands_twice_and_somebody_is_told_if_that_is_possible(words, members):
    known = Known(
        service=service("a"),
        teams={"a": team("a", *members)},
        admins=(ALICE,),
        channels={"x": channel("x"), "off": channel("off", enabled=False)},
    )
    found = choose(words, known, DEFAULTS)

    assert len(found) == len({one.key for one in found})
    assert any(one.barred is None for one in found)
    assert all(str(one.reason) for one in found)


# --- small things


def test_a_zone_that_nobody_knows_is_utc():
    assert "Asia/Seoul" == str(zone_of("Asia/Seoul"))
    assert ["UTC"] * 3 == [str(zone_of(name)) for name in ("Mars/Base", "", "../etc/passwd")]


def test_a_stamp_has_its_day_because_it_is_read_later():
    at = datetime(2026, 11, 20, 23, 41, tzinfo=UTC)
    seoul = zone_of("Asia/Seoul")

    assert "21 Nov, 08:41" == stamp(at, at, seoul, "en")
    assert "11월 21일 08:41" == stamp(at, at, seoul, "ko")


def test_defaults_come_from_the_settings():
    made = Defaults.of(Settings(public_url="https://b.example.com/", language="ko"))

    assert Defaults("https://b.example.com", "ko", "UTC") == made


def test_the_key_tells_apart_what_may_be_said_again():
    one = Listener(key="user/1", person="Kim", reason=say("x"))
    cases = [
        Deliver(one, "opened", 4, say("x")), Deliver(one, "worse", 5, say("x")),
        Deliver(one, "handed", 4, say("x"), "2026"), Skip(one, "worse", 5, say("x")),
    ]  # fmt: skip

    assert [
        "incident/1/opened/user/1", "incident/1/worse-5/user/1", "incident/1/handed-2026/user/1",
        "incident/1/worse-5/user/1",
    ] == [occasion_key("incident/1", case) for case in cases]  # fmt: skip

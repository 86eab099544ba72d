"""What `bongsu doctor` says of sign-in: the key of second factors, the OIDC provider. No secret is printed."""

import asyncio
import json
import shutil

import pytest

from bongsu import cli
from bongsu.accounts import store_factors
from bongsu.accounts.vault import KEY_FILE, Keyring
from bongsu.db.session import Database
from tests.accounts.provider import CLIENT, running_liar
from tests.people import CLOCK, person

KEY, OTHER = "canary-" + "k" * 32, "canary-" + "o" * 32


@pytest.fixture
def place(tmp_path, sqlite_template, monkeypatch):
    """A data folder with a state, as the environment of a `doctor`."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(sqlite_template, data / "state.db")
    monkeypatch.setenv("BONGSU_DATA_DIR", str(data))
    monkeypatch.setenv("LANG", "C")
    return data


@pytest.fixture
def provider(monkeypatch):
    with running_liar() as liar:
        monkeypatch.setenv("BONGSU_OIDC_ISSUER", liar.issuer)
        monkeypatch.setenv("BONGSU_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("BONGSU_OIDC_CLIENT_SECRET", "env:A2_SECRET")
        monkeypatch.setenv("BONGSU_OUTWARD_MAY_REACH", "loopback")
        monkeypatch.setenv("A2_SECRET", "canary-secret")
        yield liar


def found(capsys, part):
    """The finding of this part, and that no secret is in any."""
    capsys.readouterr()
    cli.main(["doctor", "--json"])
    text = capsys.readouterr().out
    assert "canary" not in text
    return next(one for one in map(json.loads, text.splitlines()) if one["part"] == part)


def key_file(place, text=KEY, mode=0o600):
    path = place / KEY_FILE
    path.write_text(text + "\n", encoding="ascii")
    path.chmod(mode)


def sealed_by(place, key):
    """Bob has a second factor that this key sealed."""

    async def seal():
        db = Database.open(f"sqlite:///{place / 'state.db'}")
        try:
            bob = await person(db, "Bob", "viewer")
            sealed = Keyring.read(key).seal(bob.id, "SECRET")
            async with db.write() as tx:
                await store_factors.keep_pending(tx, bob.id, sealed, CLOCK.now())
                await store_factors.confirm(tx, bob.id, sealed, 0, CLOCK.now())
        finally:
            await db.close()

    asyncio.run(seal())


def test_a_key_that_was_never_needed_is_made_when_it_is_and_not_by_the_doctor(place, capsys):
    assert found(capsys, "key")["ok"] is None
    assert not (place / KEY_FILE).exists()


def test_a_key_that_opens_every_second_factor_is_well(place, capsys):
    key_file(place)
    sealed_by(place, KEY)

    one = found(capsys, "key")

    assert (True, "The key opens every second factor that is set up: 1.") == (
        one["ok"],
        one["what"],
    )


@pytest.mark.parametrize("there", [False, True])
def test_a_key_that_is_lost_or_another_is_wrong(place, capsys, there):
    sealed_by(place, KEY)
    if there:
        key_file(place, OTHER)

    one = found(capsys, "key")

    assert one["ok"] is False
    assert "1 of 1" in one["what"]
    assert "Put back" in one["todo"]


def test_a_key_file_that_others_may_read_is_wrong(place, capsys):
    key_file(place, mode=0o644)

    one = found(capsys, "key")

    assert one["ok"] is False
    assert "chmod 600" in one["todo"]


@pytest.mark.parametrize("value", ["", "canary-short"])
def test_a_reference_that_gives_no_key_is_wrong(place, capsys, monkeypatch, value):
    monkeypatch.setenv("BONGSU_SECRET_KEY", "env:A2_KEY")
    monkeypatch.setenv("A2_KEY", value)

    assert found(capsys, "key")["ok"] is False


def test_a_reference_that_gives_the_key_is_well(place, capsys, monkeypatch):
    monkeypatch.setenv("BONGSU_SECRET_KEY", "env:A2_KEY")
    monkeypatch.setenv("A2_KEY", KEY)

    assert found(capsys, "key")["ok"] is True


def test_no_provider_is_nothing_wrong(place, capsys):
    assert found(capsys, "oidc")["ok"] is True


def test_a_provider_that_answers_right_is_well(place, provider, capsys):
    one = found(capsys, "oidc")

    assert (True, "127.0.0.1 answers as an OIDC provider. Keys that can be used: 1.") == (
        one["ok"],
        one["what"],
    )


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"issuer": "https://other.example.com"}, "Correct oidc_issuer"),
        ({"jwks_uri": None}, "jwks_uri"),
    ],
)
def test_a_provider_that_says_something_else_is_wrong(place, provider, capsys, said, word):
    provider.said = said

    one = found(capsys, "oidc")

    assert one["ok"] is False
    assert word in one["what"]


def test_a_provider_without_keys_lets_nobody_in(place, provider, capsys):
    provider.published = []

    assert found(capsys, "oidc")["ok"] is False


def test_a_provider_that_cannot_be_reached_is_wrong(place, provider, capsys, monkeypatch):
    monkeypatch.setenv("BONGSU_OUTWARD_MAY_REACH", "")

    one = found(capsys, "oidc")

    assert one["ok"] is False
    assert "cannot be reached" in one["what"]


def test_a_client_secret_that_is_not_there_is_wrong(place, provider, capsys, monkeypatch):
    monkeypatch.delenv("A2_SECRET")

    one = found(capsys, "oidc")

    assert one["ok"] is False
    assert "A2_SECRET" in one["what"]


def test_settings_that_name_no_client_are_wrong(place, provider, capsys, monkeypatch):
    monkeypatch.setenv("BONGSU_OIDC_CLIENT_ID", "")

    assert found(capsys, "oidc")["ok"] is False

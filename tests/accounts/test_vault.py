"""What seals the secrets of second factors, and what happens when it is not there."""

import asyncio
import stat
import threading

import pytest

from bongsu.accounts.vault import KEY_FILE, KeyAway, Keyring, Vault, own_key
from bongsu.kit.clock import ManualClock
from bongsu.kit.secretref import SecretAway, Secrets
from bongsu.kit.settings import Settings

KEY, OTHER = "k" * 40, "o" * 40


def vault(tmp_path, **settings) -> Vault:
    return Vault(Settings(data_dir=str(tmp_path), **settings), Secrets(ManualClock()))


def test_what_is_sealed_opens_for_its_person_and_is_not_to_be_read():
    ring = Keyring.read(KEY)

    sealed = ring.seal(3, "GEZDGNBV")

    assert "GEZDGNBV" not in sealed
    assert sealed != ring.seal(3, "GEZDGNBV")
    assert "GEZDGNBV" == ring.open(3, sealed)


def test_a_sealed_secret_that_is_moved_to_another_person_opens_nothing():
    ring = Keyring.read(KEY)
    sealed = ring.seal(3, "GEZDGNBV")

    with pytest.raises(KeyAway):
        ring.open(4, sealed)


def test_a_newer_key_seals_and_older_ones_still_open():
    before = Keyring.read(KEY).seal(3, "old")

    ring = Keyring.read(f"{OTHER}\n{KEY}\n")

    assert "old" == ring.open(3, before)
    assert "new" == Keyring.read(OTHER).open(3, ring.seal(3, "new"))


def test_a_key_that_is_gone_is_named_and_what_to_do():
    sealed = Keyring.read(KEY).seal(3, "x")

    with pytest.raises(KeyAway) as away:
        Keyring.read(OTHER).open(3, sealed)

    assert sealed.split(".")[1] in str(away.value)
    assert "Put back" in str(away.value)


@pytest.mark.parametrize("text", ["", "\n", "short", f"{KEY}\nshort"])
def test_a_short_key_is_refused(text):
    with pytest.raises(KeyAway):
        Keyring.read(text)


def test_a_keyring_prints_no_key():
    assert "keys" not in repr(Keyring.read(KEY))


async def test_without_a_setting_a_file_of_ones_own_is_made_and_read_again(tmp_path):
    sealed = (await vault(tmp_path).keyring()).seal(1, "x")

    path = tmp_path / KEY_FILE
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [KEY_FILE] == [one.name for one in tmp_path.iterdir()]
    assert "x" == (await vault(tmp_path).keyring()).open(1, sealed)


def test_two_processes_that_start_at_once_agree_on_one_key(tmp_path):
    path, found = tmp_path / KEY_FILE, []
    start = threading.Barrier(8)

    def look():
        start.wait()
        found.append(own_key(path))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert 1 == len(set(found))
    assert 8 == len(found)


async def test_a_reference_names_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("A2_KEY", KEY)

    ring = await vault(tmp_path, secret_key="env:A2_KEY").keyring()

    assert "x" == Keyring.read(KEY).open(1, ring.seal(1, "x"))
    assert not (tmp_path / KEY_FILE).exists()


async def test_a_key_in_clear_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(SecretAway) as away:
        await vault(tmp_path, secret_key=KEY).keyring()

    assert KEY not in str(away.value)


async def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")

    with pytest.raises(KeyAway) as away:
        await asyncio.to_thread(own_key, blocked / KEY_FILE)

    assert "cannot be read or made" in str(away.value)

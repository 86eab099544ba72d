import pytest

from bongsu.kit.clock import ManualClock
from bongsu.kit.secretref import SecretAway, Secrets, resolve


def test_a_variable_and_a_file_give_their_value_which_never_shows_itself(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes("비밀\r\n".encode())

    from_env, from_file = resolve("env:A", {"A": "hunter2"}), resolve(f"file:{path}")

    assert ("hunter2", "비밀") == (from_env.reveal(), from_file.reveal())
    assert "hunter2" not in f"{from_env} {from_env!r}"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("env:A", "variable A is not set"),
        ("file:/no/such", "FileNotFoundError"),
        ("hunter2", "given as a reference"),
        ("ftp:x", "given as a reference"),
    ],
)
def test_what_cannot_be_had_is_said_without_the_secret(reference, words):
    with pytest.raises(SecretAway, match=words) as caught:
        resolve(reference, {})

    assert not caught.value.permanent
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b" \n", b"x" * 70_000, b"\xff\xfe"])
def test_a_file_that_is_empty_too_large_or_no_text_is_refused(tmp_path, content):
    path = tmp_path / "secret"
    path.write_bytes(content)

    with pytest.raises(SecretAway, match="cannot be read"):
        resolve(f"file:{path}")


async def test_a_changed_variable_counts_at_once(monkeypatch):
    secrets = Secrets(ManualClock())
    monkeypatch.setenv("A_SECRET", "one")
    first = await secrets.reveal("env:A_SECRET")
    monkeypatch.setenv("A_SECRET", "two")

    assert ("one", "two") == (first, await secrets.reveal("env:A_SECRET"))

"""What cannot work is said in a sentence before anything runs, and a supervisor survives a full disk."""

import asyncio
import socket

import pytest
import sqlalchemy as sa

from bongsu import up
from bongsu.kit.errors import BongsuError, Invalid
from bongsu.kit.settings import Settings
from bongsu.preflight import check_settings, in_words


def test_a_port_in_use_is_said_with_its_address():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Invalid, match=listen):
            check_settings(Settings(listen=listen))


@pytest.mark.parametrize(
    "listen", ["abc", "127.0.0.1:", "127.0.0.1:70000", "no.such.name.invalid:80"]
)
def test_an_address_that_cannot_be_listened_on_is_said(listen):
    with pytest.raises(Invalid):
        check_settings(Settings(listen=listen))


@pytest.mark.parametrize(
    "wrong",
    [{"mail_url": "nonsense"}, {"checks_may_reach": "everywhere"}, {"outward_may_reach": "?"}],
)
def test_settings_that_a_role_would_die_of_are_refused_before_it_starts(wrong):
    with pytest.raises(Invalid):
        check_settings(Settings(listen="127.0.0.1:0", **wrong))


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), sa.exc.SQLAlchemyError("x")]
)
def test_a_folder_or_database_that_cannot_be_used_is_a_sentence_without_its_password(error):
    settings = Settings(database_url="postgresql://u:pass-77@127.0.0.1:1/x")
    with pytest.raises(BongsuError) as caught, in_words(settings):
        raise error
    assert "pass-77" not in str(caught.value)
    assert "127.0.0.1:1/x" in str(caught.value.said)


async def test_a_role_is_started_again_although_its_death_could_not_be_recorded(
    tmp_path, monkeypatch
):
    (tmp_path / "state.db").mkdir()  # no database can be opened there
    supervisor = up.Supervisor(Settings(data_dir=str(tmp_path)), ("nothing",))
    starts = []

    async def start(role: up.RoleProcess) -> None:
        starts.append(role.name)
        if len(starts) == 2:
            raise OSError(11, "Resource temporarily unavailable")
        if len(starts) == 3:
            supervisor.stop.set()

    async def ended(_role: up.RoleProcess) -> int:
        return 1

    monkeypatch.setattr(supervisor, "_start", start)
    monkeypatch.setattr(supervisor, "_ended", ended)
    async with asyncio.timeout(20):
        await supervisor._keep(supervisor.roles[0])

    assert len(starts) == 3

"""Real databases for every store test: SQLite in a file, PostgreSQL from Debian's package, both migrated."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from bongsu.accounts.passwords import PASSWORDS
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from tests import ports

# Hashing costs a person 150 ms and the suite many minutes; still other than those of tests/people.py, so that
# passwords of older parameters are hashed anew at sign-in.
PASSWORDS.hasher = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)

# A busy machine is slow, not wrong: what must be fast is measured by benches.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """On a thread of its own: a browser's driver may hold the loop of this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """`async def` tests run on a fresh event loop each; no plugin needed."""
    if not asyncio.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_make_parametrize_id(val: object) -> str | None:
    """A file is no name: the workers of one run must call a test alike, and people must be able to read it."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) and len(val) > 32 else None


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    run(migrate(f"sqlite:///{path}"))
    return path


class PostgresServer:
    """One private cluster on a Unix socket, run by the postgres account when the suite is root."""

    def __init__(self, folder: Path) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not binaries:
            pytest.fail("PostgreSQL is not installed. Run: make setup-dev")
        self.bin, self.folder, self.data = binaries[-1], folder, folder / "data"
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name

    def _command(self, *argv: str) -> None:
        as_user = ["setpriv", f"--reuid={self.user}", "--regid=postgres", "--clear-groups"]
        prefix = as_user if os.getuid() == 0 else []
        done = subprocess.run(
            [*prefix, *argv], capture_output=True, text=True, check=False, cwd="/"
        )
        if done.returncode:
            pytest.fail(f"{argv[0]}: {done.stderr or done.stdout}")

    def start(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, self.user, self.user)
        init = ("-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8")
        self._command(str(self.bin / "initdb"), *init)
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        log = str(self.folder / "log")
        self._command(
            str(self.bin / "pg_ctl"), "-D", str(self.data), "-o", options, "-l", log, "-w", "start"
        )

    def stop(self) -> None:
        self._command(str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    async def admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="bongsu-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = PostgresServer(folder)
    server.start()
    run(server.admin("CREATE DATABASE template_bongsu"))
    run(migrate(server.url("template_bongsu")))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of each engine; every test that uses it runs twice."""
    if request.param == "sqlite":
        path = tmp_path / "state.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"t_{uuid.uuid4().hex}"
    run(server.admin(f"CREATE DATABASE {name} TEMPLATE template_bongsu"))
    yield server.url(name)
    run(server.admin(f"DROP DATABASE {name} WITH (FORCE)"))


OpenDatabase = Callable[[], Any]


@pytest.fixture
def db(database_url: str) -> OpenDatabase:
    """`async with db() as database:` — opened inside the test's own event loop."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        database = Database.open(database_url)
        try:
            yield database
        finally:
            await database.close()

    return opened


@pytest.fixture
def free_port() -> int:
    return ports.free_port()

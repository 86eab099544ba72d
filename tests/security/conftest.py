import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.security.factors import a_provider
from tests.security.house import House, Template, build_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with a_provider():
        yield asyncio.run(build_template(tmp_path_factory.mktemp("security") / "template"))


@pytest.fixture
def fresh(template: Template, tmp_path: Path) -> Callable[[], House]:
    """A new copy of the house at each call."""
    count = iter(range(1000))
    return lambda: House.of(template, tmp_path / str(next(count)))

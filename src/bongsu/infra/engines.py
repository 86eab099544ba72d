"""Database engines as AWS knows them: dated rows in `data/engines.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Engine:
    """`version`: the one that is taken unless the file says which."""

    engine: str
    major: str
    aws_engine: str
    version: str
    family: str  # of its parameter groups
    preferred: bool


@cache
def engines() -> tuple[Engine, ...]:
    text = (files("bongsu.infra") / "data" / "engines.csv").read_text(encoding="utf-8")
    return tuple(
        Engine(
            row["engine"],
            row["major"],
            row["aws_engine"],
            row["version"],
            row["family"],
            row["preferred"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


def majors_of(engine: str) -> tuple[str, ...]:
    return tuple(one.major for one in engines() if one.engine == engine)


def engine_of(engine: str, version: str | None) -> Engine | None:
    """The row for a version (`17`, `17.6`) or the preferred one; None for a version that is not known here."""
    for one in engines():
        if one.engine == engine and (one.preferred if version is None else _is(one, version)):
            return one
    return None


def _is(one: Engine, version: str) -> bool:
    return version == one.major or version.startswith(f"{one.major}.")

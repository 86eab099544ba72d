"""Database engines as AWS knows them: dated rows in `data/engines.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bongsu.infra.model.data import Database


@dataclass(frozen=True, slots=True)
class Engine:
    """`version`: to the last number, as it was when the table was made."""

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


def takes_major(block: Database) -> bool:
    """RDS takes a bare major version and chooses of its minors one that is in force (so the registry says of both
    types). But cfn-lint, which every template must pass, knows no bare ones of MySQL and of RDS's own clusters."""
    return block.aurora or (block.engine == "postgres" and block.standby != "cluster")


def names_minor(block: Database, engine: Engine) -> bool:
    return block.version not in (None, engine.major)


def version_asked(block: Database, engine: Engine) -> str:
    """What a template names. AWS retires minor versions after a year or two, and takes no retired one any more."""
    if names_minor(block, engine):
        return str(block.version)
    return engine.major if takes_major(block) else engine.version

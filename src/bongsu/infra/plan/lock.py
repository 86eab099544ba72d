"""The lock file: which ranges the networks were given. It lies beside the architecture, in version control."""

import json
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

VERSION = 1


@dataclass(frozen=True, slots=True)
class Held:
    """One network's range and those of its subnets, by `tier/zone`; names that are gone keep theirs."""

    cidr: IPv4Network
    ranges: dict[str, IPv4Network] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lock:
    """Environment → network → what it holds."""

    held: dict[str, dict[str, Held]] = field(default_factory=dict)

    def of(self, environment: str) -> dict[str, Held]:
        return self.held.get(environment, {})

    def with_environment(self, environment: str, held: dict[str, Held]) -> "Lock":
        return Lock({**self.held, environment: {**self.of(environment), **held}})

    def text(self) -> str:
        environments = {
            environment: {
                "networks": {name: _written(one) for name, one in sorted(networks.items())}
            }
            for environment, networks in sorted(self.held.items())
        }
        return json.dumps({"version": VERSION, "environments": environments}, indent=2) + "\n"


def path_for(architecture: Path) -> Path:
    """`architecture.yaml` → `architecture.lock.json`"""
    return architecture.with_suffix(".lock.json")


def load(path: Path) -> Lock:
    """An empty lock where there is no file. Raises Invalid for a file that is none of ours."""
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError:
        return Lock()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            say("{file} cannot be read: {why}.", file=path.name, why=str(error))
        ) from error


def parse(text: str, name: str) -> Lock:
    """`name`: of the file, for what is said of it. Raises Invalid."""
    try:
        data = json.loads(text)
        _our_version(data["version"])
        return Lock(
            {environment: _networks(one) for environment, one in data["environments"].items()}
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = say(
            "{file} is no lock file: {why}. Take it from version control again.",
            file=name,
            why=str(error),
        )
        raise Invalid(said) from error


def _our_version(version: object) -> None:
    if version != VERSION:
        raise ValueError(f"version {version}")


def _networks(environment: Any) -> dict[str, Held]:
    return {
        name: Held(
            IPv4Network(one["cidr"]),
            {key: IPv4Network(value) for key, value in one["ranges"].items()},
        )
        for name, one in environment["networks"].items()
    }


def _written(one: Held) -> dict[str, Any]:
    ordered = sorted(one.ranges.items(), key=lambda item: (int(item[1].network_address), item[0]))
    return {"cidr": str(one.cidr), "ranges": {key: str(value) for key, value in ordered}}

"""The architectures of the examples without a person and without an account.

`make journey-infra` runs it. For each file: ranges, check, price, drill, drawing, templates judged by cfn-lint in
their own region, and a deployment to an emulator whose gaps are printed. Then the mistaken originals, and what is
found in them. Exit status 1 when anything is not as it must be.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "architectures"
FILES = tuple(sorted(EXAMPLES.glob("*.yaml")))
MISTAKEN = tuple(sorted((EXAMPLES / "mistaken").glob("*.yaml")))
BIN = Path(sys.executable).parent
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
}
# Zones stand in the templates by name because ranges are locked to them: W3010 would have AWS choose.
ALLOWED = ("--ignore-checks", "W3010")
IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/example:1"


class Journey:
    """Says what it does, and counts what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wrong = folder, 0

    def say(self, text: str) -> None:
        print(text, flush=True)

    def must(self, right: bool, what: str) -> None:
        self.say(f"  {'ok   ' if right else 'WRONG'} {what}")
        self.wrong += not right

    def bongsu(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [BIN / "bongsu", "infra", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def run(self) -> int:
        for file in FILES:
            for environment in environments(file):
                self.example(file, environment)
        for file in MISTAKEN:
            self.mistaken(file)
        self.say(f"\n{self.wrong} wrong")
        return 1 if self.wrong else 0

    def example(self, file: Path, environment: str) -> None:
        self.say(f"\n{file.name}, {environment}")
        began = time.monotonic()
        asked = (file, "--env", environment)
        plan = json.loads(self.bongsu("plan", *asked, "--json").stdout)
        for name, network in plan["networks"].items():
            self.say(f"        network {name} {network['cidr']}, {len(network['subnets'])} subnets")
        self.must(plan["no_room"] == [], "every range has its place")
        self.checked(asked)
        cost = json.loads(self.bongsu("cost", *asked, "--json").stdout)
        unverified = sum(not line["verified"] for line in cost["lines"])
        months = ", ".join(f"{level} {usd:,.0f}" for level, usd in cost["total_usd"].items())
        believed = f"{unverified} of {len(cost['lines'])} prices unverified"
        self.must(cost["missing"] == [], f"USD a month: {months}; {believed}")
        self.drilled(asked)
        self.drawn(file, environment)
        self.linted(file, environment)
        self.say(f"        all that in {time.monotonic() - began:.1f} s, most of it cfn-lint")
        self.deployed(file, environment)

    def checked(self, asked: tuple[object, ...]) -> None:
        done = self.bongsu("check", *asked, "--json")
        found = json.loads(done.stdout)
        for one in found["accepted"]:
            self.say(
                f"        lived with: {one['id']} at {one['path']} until {one['until']}: {one['why']}"
            )
        self.must(done.returncode == 0 and found["findings"] == [], "the check finds nothing")

    def drilled(self, asked: tuple[object, ...]) -> None:
        outcomes = json.loads(self.bongsu("drill", *asked, "--pairs", "--json").stdout)["outcomes"]
        ones = [one for one in outcomes if len(one["lost"]) == 1]
        states = Counter(one["state"] for one in ones)
        said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        self.must(
            bool(ones),
            f"{len(ones)} losses alone: {said}; {len(outcomes) - len(ones)} pairs drilled",
        )

    def drawn(self, file: Path, environment: str) -> None:
        out = self.folder / f"{file.stem}-{environment}.svg"
        done = self.bongsu("draw", file, "--env", environment, "--lose", "zone:a", "--out", out)
        self.must(done.returncode == 0 and out.stat().st_size > 0, f"drawn with zone a lost: {out}")

    def linted(self, file: Path, environment: str) -> None:
        folder = self.folder / f"{file.stem}-{environment}"
        again = self.folder / "again" / folder.name
        names = self.bongsu("render", file, "--env", environment, "--out", folder).stdout.split()
        self.bongsu("render", file, "--env", environment, "--out", again)
        same = all(
            (again / Path(name).name).read_bytes() == Path(name).read_bytes() for name in names
        )
        self.must(bool(names) and same, f"{len(names)} templates, the same bytes twice")
        regions = regions_of(file, environment)
        for name in names:
            region = regions[Path(name).stem]
            command = [BIN / "cfn-lint", "--region", region, *ALLOWED, "--", name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.must(
                done.returncode == 0,
                f"cfn-lint in {region}: {Path(name).name} {done.stdout.strip()}",
            )

    def deployed(self, file: Path, environment: str) -> None:
        from tests.journeys.infra_emulated import deployed

        report, stacks = deployed(file, environment, IMAGE)
        self.must(bool(stacks), f"deployed to moto and taken down again: {', '.join(stacks)}")
        for line in report:
            self.say(f"        {line}")

    def mistaken(self, file: Path) -> None:
        self.say(f"\n{file.name} as the team had it")
        found = json.loads(self.bongsu("check", file, "--json").stdout)["findings"]
        for one in found:
            self.say(f"        line {one['line']}: {one['severity']} {one['id']} {one['message']}")
        self.must(
            any(one["severity"] == "error" for one in found), f"{len(found)} findings, and it fails"
        )


def environments(file: Path) -> tuple[str, ...]:
    from bongsu.infra.read import read_all

    return tuple(one.architecture.environment for one in read_all(str(file), file.read_bytes()))


def regions_of(file: Path, environment: str) -> dict[str, str]:
    """By the name of the stack."""
    from bongsu.infra.build.build import build_graph
    from bongsu.infra.render.cfn import templates
    from bongsu.infra.workbench import open_file

    plan = open_file(file, environment).plan
    return {one.name: one.region for one in templates(plan, build_graph(plan, ROOT))}


def main() -> int:
    logging.disable(logging.WARNING)
    os.environ |= CREDENTIALS
    with tempfile.TemporaryDirectory(prefix="journey-infra-") as folder:
        kept = os.environ.get("BONGSU_SHOTS")
        return Journey(Path(kept or folder)).run()


if __name__ == "__main__":
    sys.exit(main())

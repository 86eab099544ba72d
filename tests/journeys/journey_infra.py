"""The architectures of the examples without a person and without an account.

`make journey-infra` runs it. For each file: ranges, check, price, drill, drawing, templates judged by cfn-lint in
their own region and by checkov, a plan of Terraform's where there is one, manifests judged by kubernetes-validate,
and deployments to two emulators whose gaps are printed. Then the mistaken originals, and exactly what is found;
then a summary. Words after the command are beginnings of names: only those files are looked at. Exit status 1 when
anything is not as it must be.
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
# W3690 and W3691 take a bare major version, of which RDS chooses a minor in force, for a retired one.
ALLOWED = ("--ignore-checks", "W3010", "W3690", "W3691")
IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/example:1"


class Journey:
    """Says what it does, and counts what is wrong."""

    def __init__(self, folder: Path, beginnings: tuple[str, ...] = ()) -> None:
        """`beginnings`: of the names of the files that are looked at; all of them without any."""
        self.folder, self.wrong, self.beginnings = folder, 0, beginnings
        self.summary: list[str] = []
        self.made: set[str] = set()  # types that an emulator made
        self.left_out: set[str] = set()  # that one did not

    def say(self, text: str) -> None:
        print(text, flush=True)

    def must(self, right: bool, what: str) -> None:
        self.say(f"  {'ok   ' if right else 'WRONG'} {what}")
        self.wrong += not right

    def bongsu(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [BIN / "bongsu", "infra", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def wanted(self, file: Path) -> bool:
        return not self.beginnings or file.name.startswith(self.beginnings)

    def run(self) -> int:
        for file in (one for one in FILES if self.wanted(one)):
            for environment in environments(file):
                self.example(file, environment)
        self.judged_by_checkov()
        for file in (one for one in MISTAKEN if self.wanted(one)):
            self.mistaken(file)
        self.summed_up()
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
        if is_priced(file, environment):
            self.must(cost["missing"] == [], f"USD a month: {months}; {believed}")
        else:
            months = "unknown"
            self.say("        not priced: the table has no row of this region")
        self.drilled(asked)
        self.drawn(file, environment)
        self.linted(file, environment)
        self.say(f"        all that in {time.monotonic() - began:.1f} s, most of it cfn-lint")
        self.in_terraform(file, environment)
        self.manifests(file, environment)
        left_out = " and ".join(map(str, self.deployed(file, environment)))
        self.summary.append(
            f"{file.name}, {environment}: {months} USD a month; {left_out} places not in moto and ministack"
        )

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
        folder = self.folder / "templates" / f"{file.stem}-{environment}"
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

    def in_terraform(self, file: Path, environment: str) -> None:
        from bongsu.infra.workbench import open_file
        from tests.infra.render.terraformed import MISSING, PROGRAM
        from tests.journeys.infra_oracles import in_terraform, refused_by_terraform

        plan = open_file(file, environment).plan
        for what in refused_by_terraform(plan):
            self.say(f"        refused by name: {what}")
        if PROGRAM is None:
            self.say(f"        not planned by Terraform: {MISSING}")
            return
        try:
            count = in_terraform(plan, self.folder / "terraform" / f"{file.stem}-{environment}")
        except ValueError as error:
            self.must(False, f"Terraform: {error}")
        else:
            self.must(count > 0, f"terraform validate and plan: {count} resources to make")

    def manifests(self, file: Path, environment: str) -> None:
        from bongsu.infra.workbench import open_file
        from tests.journeys.infra_oracles import unfit_manifests

        plan = open_file(file, environment).plan
        if plan.architecture.clusters:
            place = self.folder / "manifests" / f"{file.stem}-{environment}"
            count, said = unfit_manifests(plan, place)
            self.must(count > 0 and not said, f"{count} manifests, kubernetes-validate: {said}")

    def deployed(self, file: Path, environment: str) -> tuple[int, ...]:
        """How many places each emulator left out."""
        from bongsu.kit.errors import BongsuError
        from tests.journeys.infra_emulated import EMULATORS, deployed

        counts = []
        for name in EMULATORS:
            try:
                seen = deployed(file, environment, IMAGE, name)
            except (BongsuError, AssertionError) as error:
                self.must(False, f"{name}: {error}")
                continue
            stacks = ", ".join(seen.stacks)
            self.must(bool(seen.stacks), f"deployed to {name} and taken down again: {stacks}")
            self.say(f"        {name} cannot make {len(seen.dropped)} places of it:")
            for place, why in sorted(seen.dropped.items()):
                self.say(f"          {place}: {why}")
            self.made |= seen.made
            self.left_out |= seen.left_out
            counts.append(len(seen.dropped))
        return tuple(counts)

    def judged_by_checkov(self) -> None:
        from tests.journeys.infra_oracles import by_checkov

        self.say("\nAll templates")
        unknown, lived_with = by_checkov(self.folder / "templates")
        for one in unknown:
            self.say(f"        {one}")
        self.must(
            not unknown, f"checkov finds {len(lived_with)} places that are accepted with a reason"
        )

    def summed_up(self) -> None:
        self.say("\nSummary")
        for line in self.summary:
            self.say(f"  {line}")
        neither = ", ".join(sorted(self.left_out - self.made)) or "none"
        self.say(f"  types that no emulator made anywhere: {neither}")
        self.say(f"\n{self.wrong} wrong")

    def mistaken(self, file: Path) -> None:
        self.say(f"\n{file.name} as the team had it")
        found = json.loads(self.bongsu("check", file, "--json").stdout)["findings"]
        for one in found:
            self.say(f"        line {one['line']}: {one['severity']} {one['id']} {one['message']}")
        from tests.infra.check.test_examples import MISTAKEN as EXPECTED

        right = sorted((one["id"], one["path"]) for one in found) == EXPECTED[file.stem]
        self.must(right, f"{len(found)} findings, exactly those that are expected")


def environments(file: Path) -> tuple[str, ...]:
    from bongsu.infra.read import read_all

    return tuple(one.architecture.environment for one in read_all(str(file), file.read_bytes()))


def is_priced(file: Path, environment: str) -> bool:
    from bongsu.infra.cost.prices import load_prices
    from bongsu.infra.workbench import open_file

    region = open_file(file, environment).plan.architecture.region
    return any(row.region == region for row in load_prices().rows.values())


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
        return Journey(Path(kept or folder), tuple(sys.argv[1:])).run()


if __name__ == "__main__":
    sys.exit(main())

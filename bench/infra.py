"""An architecture from file to templates: the largest example, and a file of two hundred services."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "architectures"
TODAY = date(2026, 11, 28)
SERVICES = 200
TARGET_S, CHECK_TARGET_S, TARGET_MB = 1.0, 2.0, 120.0


def run() -> list[dict[str, Any]]:
    """Imports count: a person who types the command waits for them too."""
    largest = Path(
        subprocess.run(
            [sys.executable, "-m", "bench.infra"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    took_s = timed(lambda: everything(largest))
    drawn_s = timed(lambda: drawing(largest))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    check_s = timed(check_of_many)
    return [
        figure(
            f"plan, check, cost, drill of pairs and render of {largest.stem}",
            took_s,
            "s",
            TARGET_S,
        ),
        {
            "name": f"drawing of {largest.stem}",
            "value": round(drawn_s, 3),
            "unit": "s",
            "target": "none",
            "ok": None,
        },
        figure("peak memory of all that", peak_mb, "MB", TARGET_MB),
        figure(f"check of {SERVICES} services", check_s, "s", CHECK_TARGET_S),
    ]


def largest_example() -> Path:
    """By the resources of its first environment. Run in a process of its own, since imports count."""
    from bongsu.infra.build.build import build_graph
    from bongsu.infra.workbench import open_file

    def size(file: Path) -> int:
        return len(build_graph(open_file(file).plan, EXAMPLES.parent.parent).resources)

    return max(sorted(EXAMPLES.glob("*.yaml")), key=size)


def figure(name: str, value: float, unit: str, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "target": f"≤ {target:g}",
        "ok": value <= target,
    }


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def everything(file: Path) -> None:
    from bongsu.infra.build.build import build_graph
    from bongsu.infra.check.check import check_file
    from bongsu.infra.cost.prices import load_prices
    from bongsu.infra.cost.report import cost_report
    from bongsu.infra.drill.drill import drill_all
    from bongsu.infra.render.cfn import templates
    from bongsu.infra.workbench import lock_of, open_file, text_of

    plan = open_file(file).plan
    check_file(str(file), text_of(file), lock_of(file), TODAY)
    cost_report(plan, load_prices())
    drill_all(plan, pairs=True)
    for template in templates(plan, build_graph(plan, EXAMPLES.parent.parent)):
        template.text  # noqa: B018  it is the text that is measured


def drawing(file: Path) -> None:
    from bongsu.infra.draw.layout import layout
    from bongsu.infra.draw.svg import svg
    from bongsu.infra.workbench import open_file

    svg(layout(open_file(file).plan))


def check_of_many() -> None:
    from bongsu.infra.check.check import check_file
    from bongsu.infra.plan.lock import Lock

    checked = check_file("many.yaml", many().encode(), Lock(), TODAY)
    if not checked.findings:
        raise ValueError(
            "a file of two hundred services that nothing is found in was not looked at"
        )


def many() -> str:
    """Behind one load balancer, each by a path of its own, each with a bucket."""
    lines = [
        "name: many",
        "region: ap-northeast-2",
        "domain: example.com",
        "networks: {main: {zones: 3}}",
    ]
    lines += ["load_balancers: {front: {waf: true}}", "services:"]
    for n in range(SERVICES):
        lines.append(
            f"  s{n:03}: {{image: {{build: .}}, port: 8080, health: {{path: /h}}, uses: {{b{n:03}: write}}, "
            f"routes: [{{via: front, paths: [/s{n:03}/*]}}]}}"
        )
    lines += ["buckets:", *(f"  b{n:03}: {{}}" for n in range(SERVICES))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(largest_example())

"""10,000 tasks of one project: import through the API, then board, list, filters, search and one task as pages.

A whole `bongsu up` limited to tasks; nothing else asks. Times are from the request to the last byte as a client on
the same machine sees it. 200 people, each with a third of the tasks' assignments, 20 labels, a due day for half.
"""

import csv
import io
import random
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.wall import figure
from tests.journeys.world import Bongsu, Browser

TASKS, PEOPLE, LABELS, ASKED = 10_000, 200, 20, 40
ANSWER_MS, IMPORT_S = 200.0, 30.0
WORDS = (
    "pin",
    "client",
    "renew",
    "certificate",
    "banner",
    "cache",
    "queue",
    "index",
    "배너",
    "인증서",
    "색인",
)
PAGES = {
    "board": "/projects/TSK",
    "board, what is mine": "/projects/TSK?assignee=me",
    "list": "/tasks/list?project=TSK",
    "list, page 100": "/tasks/list?project=TSK&page=100",
    "list, late and urgent by due": "/tasks/list?project=TSK&due=late&priority=4&sort=due",
    "list, a label and a person": "/tasks/list?project=TSK&label=label-3&assignee=5",
    "list, two words": "/tasks/list?project=TSK&q=renew+index",
    "what is mine": "/tasks",
    "one task": "/tasks/TSK-5000",
}
Json = dict[str, Any]


def run() -> list[Json]:
    with tempfile.TemporaryDirectory(prefix="bongsu-tasks-") as name:
        bongsu = Bongsu(Path(name), rooms="tasks", mail_url=f"folder://{name}/mail")
        with bongsu.running():
            bongsu.become_admin()
            for number in range(PEOPLE):
                email = f"p{number}@example.com"
                bongsu.call("POST", "/users", {"email": email, "name": f"Person {number}"})
            bongsu.call("POST", "/projects", {"key": "TSK", "title": "Shop", "everyone": "member"})
            figures = [imported(bongsu)]
            browser = Browser(bongsu.url)
            browser.post(
                "/sign-in", {"email": "dana@example.com", "password": "correct horse battery"}
            )
            return figures + [answers(browser, what, path) for what, path in PAGES.items()]


def many() -> bytes:
    """The file that is taken in."""
    dice, out = random.Random(7), io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("title", "description", "status", "assignees", "priority", "labels", "due"))
    for _ in range(TASKS):
        people = [f"p{dice.randrange(PEOPLE)}@example.com" for _ in range(dice.randrange(4))]
        due = (
            f"2026-{dice.randrange(1, 13):02}-{dice.randrange(1, 28):02}"
            if dice.random() < 0.5
            else ""
        )
        rows.writerow(
            (
                " ".join(dice.sample(WORDS, 4)),
                " ".join(dice.choices(WORDS, k=20)),
                dice.choice(("waiting", "waiting", "in_progress", "done")),
                ";".join(dict.fromkeys(people)),
                dice.randrange(1, 5),
                f"label-{dice.randrange(LABELS)}",
                due,
            )
        )
    return out.getvalue().encode()


def imported(bongsu: Bongsu) -> Json:
    request = urllib.request.Request(f"{bongsu.url}/api/v1/projects/TSK/import", data=many())
    request.add_header("authorization", f"Bearer {bongsu.token}")
    request.add_header("content-type", "text/csv")
    began_s = time.perf_counter()
    with urllib.request.urlopen(request, timeout=300) as answer:
        answer.read()
    took_s = time.perf_counter() - began_s
    return {
        "name": f"import of {TASKS:,} tasks from CSV through the API",
        "value": round(took_s, 1),
        "unit": "s",
        "target": IMPORT_S,
        "ok": took_s <= IMPORT_S,
        "noise": f"{TASKS / took_s:,.0f} tasks/s",
    }


def answers(browser: Browser, what: str, path: str) -> Json:
    taken_ms = []
    for _ in range(ASKED + 2):
        began_s = time.perf_counter()
        browser.get(path)
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    counted = sorted(taken_ms[2:])  # a first page prepares templates
    p95_ms = counted[int(len(counted) * 0.95)]
    return figure(f"{what} of {TASKS:,} tasks, server p95", counted, p95_ms, ANSWER_MS)

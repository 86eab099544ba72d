"""System 000 without a person: a team that answers for many public domains.

`make journey-000` runs it; `tests/journeys/test_journey_000.py` does in `make test`. It starts only what that team
needs, does what they do, and prints what it saw. Exit status 1 when anything is not as it must be.
"""

import contextlib
import gzip
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.journeys.world import (
    Bongsu,
    Browser,
    Mailbox,
    Process,
    Site,
    text_of,
    wait_until,
)
from tests.ports import free_port

GROUPS = {
    "My Account": ("account-home", "account-login"),
    "Shop": ("shop-front", "shop-checkout", "shop-images"),
    "Portal": ("portal-home", "portal-search"),
    "Applications": ("apps-upload", "apps-forms"),
    "Budget Mobile": ("budget-signup", "budget-plans"),
}
NUMBER = {name: n for n, name in enumerate((s for names in GROUPS.values() for s in names), 1)}
HTTPS = {"account-login", "budget-signup"}
BUCKET = "failed-checks"
PATIENCE = float(os.environ.get("BONGSU_PATIENCE", "1"))  # how many times slower the machine may be


class Report:
    """What was done, what was seen, how long it took."""

    def __init__(self) -> None:
        self.wrong = 0

    def chapter(self, title: str) -> None:
        print(f"\n{title}", flush=True)

    def saw(self, what: str, value: Any = "") -> None:
        print(f"  ✓ {what}{f': {value}' if value != '' else ''}", flush=True)

    def must(self, what: str, holds: bool, value: Any = "") -> None:
        if holds:
            self.saw(what, value)
            return
        self.wrong += 1
        print(f"  ✗ {what}: {value}", flush=True)

    def timed(self, what: str, limit_s: float, do: Callable[[], Any]) -> Any:
        limit_s *= PATIENCE
        started = time.monotonic()
        result = do()
        took_s = time.monotonic() - started
        self.must(
            f"{what} in {took_s:.2f} s (at most {limit_s:g})", took_s <= limit_s, f"{took_s:.2f} s"
        )
        return result


@contextlib.contextmanager
def object_storage(
    folder: Path,
) -> Iterator[tuple[str, Callable[[str], list[str]], Callable[[str], bytes]]]:
    """An S3 server (moto's) on loopback: its address for Bongsu, and how to list and read it."""
    import boto3

    port = free_port()
    server = Process(
        (sys.executable, "-m", "moto.server", "-p", str(port), "-H", "127.0.0.1"), folder / "s3.log"
    )
    endpoint = f"http://127.0.0.1:{port}"
    names = {
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "region_name": "us-east-1",
    }
    client = boto3.client("s3", endpoint_url=endpoint, **names)
    try:
        wait_until("the S3 server", lambda: _answers(endpoint))
        client.create_bucket(Bucket=BUCKET)

        def listed(prefix: str) -> list[str]:
            return [
                o["Key"]
                for o in client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
            ]

        def read(key: str) -> bytes:
            return bytes(client.get_object(Bucket=BUCKET, Key=key)["Body"].read())

        yield f"s3://{BUCKET}/bongsu?endpoint={endpoint}&region=us-east-1", listed, read
    finally:
        client.close()
        server.stop()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except urllib.request.HTTPError:
        return True
    except OSError:
        return False
    return True


def register(bongsu: Bongsu, site: Site, report: Report) -> None:
    report.chapter("1. An administrator registers five groups of services and their URLs")
    people = {}
    for name, email in (("Choi Hana", "hana@example.com"), ("Park Minsu", "minsu@example.com")):
        people[email] = bongsu.call(
            "POST", "/users", {"name": name, "email": email, "role": "viewer"}
        )
    ids = [person["id"] for person in people.values()]
    bongsu.call("POST", "/teams", {"name": "shop-team", "title": "Shop team", "members": ids})
    bongsu.call("POST", "/teams", {"name": "other-team", "title": "Other team", "members": []})
    for group, names in GROUPS.items():
        for name in names:
            owner = "shop-team" if group == "Shop" else "other-team"
            body = {
                "name": name,
                "title": name.replace("-", " ").title(),
                "group": group,
                "owners": [owner],
            }
            bongsu.call("POST", "/services", body)
            scheme = "https" if name in HTTPS else "http"
            url = f"{scheme}://127.0.0.1:{site.port + NUMBER[name]}/"
            options = {"url": url, "verify": False} if name in HTTPS else {"url": url}
            check = {
                "service": name,
                "name": "page",
                "http": options,
                "every": "2s",
                "timeout": "1s",
            }
            bongsu.call("POST", "/checks", check)
    found = bongsu.call("GET", "/services")["services"]
    report.must("services registered, in groups", len({s["group"] for s in found}) == 5, len(found))


def only_administrators(bongsu: Bongsu, report: Report) -> str:
    report.chapter("2. Only administrators register or delete, whatever way it comes")
    invited = bongsu.call(
        "POST", "/users", {"name": "Guest", "email": "guest@example.com", "role": "editor"}
    )
    link = str(invited["link"]).rsplit("/", 1)[1]
    browser = Browser(bongsu.url)
    browser.post(f"/door/{link}", {"name": "Guest", "password": "another long password"})
    token = str(browser.json("POST", "/api/v1/tokens", {"name": "t", "scopes": ["*"]})["token"])
    before = bongsu.call("GET", "/checks?limit=1000")["checks"]
    tries = {
        "register a service by API": ("POST", "/services", {"name": "mine"}),
        "register a URL by API": (
            "POST",
            "/checks",
            {"service": "shop-front", "name": "x", "http": "http://127.0.0.1/"},
        ),
        "delete a service by API": ("DELETE", "/services/shop-front", None),
        "delete a URL by API": ("DELETE", f"/checks/{before[0]['id']}", None),
        "import a table": ("POST", "/services/import", {"csv": "service\nmine\n"}),
        "apply a file": (
            "POST",
            "/config/apply",
            {"files": [{"name": "f", "text": "services: {mine: {}}"}]},
        ),
    }
    for what, (method, path, body) in tries.items():
        status, answer = bongsu.ask(method, path, body, token)
        report.must(
            f"an editor may not {what}",
            status == 403,
            f"{status} {answer['error']['message'][:60]}…",
        )
    after = bongsu.call("GET", "/checks?limit=1000")["checks"]
    report.must(
        "nothing was changed", [c["id"] for c in after] == [c["id"] for c in before], len(after)
    )
    return token


def choosing_calls(bongsu: Bongsu, site: Site, report: Report) -> None:
    report.chapter("3. Choosing a service calls its URLs at once")
    wait_until("every check is up", lambda: _states(bongsu) == {"up": 11}, every_s=0.2)
    looks = report.timed(
        "“check now” answered",
        2.0,
        lambda: bongsu.call("POST", "/checks/now", {"service": "shop-front"}),
    )
    report.must(
        "each URL shows OK", all(look["ok"] for look in looks["looks"]), len(looks["looks"])
    )
    site.switch("shop-images", "500")
    looks = report.timed(
        "a broken one answered",
        2.0,
        lambda: bongsu.call("POST", "/checks/now", {"service": "shop-images"}),
    )
    report.must(
        "it shows a warning",
        not looks["looks"][0]["ok"],
        looks["looks"][0]["conditions"][0]["text"],
    )
    site.switch("shop-images", "ok")


def _states(bongsu: Bongsu) -> dict[str, int]:
    counts: dict[str, int] = {}
    for check in bongsu.call("GET", "/checks?limit=1000")["checks"]:
        counts[check["state"]] = counts.get(check["state"], 0) + 1
    return counts


def breaks(bongsu: Bongsu, site: Site, mailbox: Mailbox, report: Report) -> int:
    report.chapter("4. A service breaks: the people responsible are alarmed")
    broken_at = time.monotonic()
    site.switch("shop-checkout", "500")
    at, mail = mailbox.wait(
        lambda m: "Checkout" in str(m["Subject"]) and "hana" in str(m["To"]), what="down mail"
    )
    report.must(
        "the owner's mail was accepted by the SMTP server",
        True,
        f"{at - broken_at:.1f} s after it broke",
    )
    report.saw("subject", mail["Subject"])
    report.saw("first line", text_of(mail).strip().splitlines()[0])
    incident = wait_until("the incident", lambda: _open_incident(bongsu))
    seen = bongsu.call("GET", "/checks?service=shop-checkout")["checks"][0]
    report.must("the wall's state", seen["state"] == "down", f"{seen['state']}: {seen['reason']}")
    told = [str(m["To"]) for _, m, _ in mailbox.received if "Checkout" in str(m["Subject"])]
    report.must("each owner was told once", len(told) == len(set(told)) == 2, told)
    bongsu.call("POST", f"/incidents/{incident['id']}/acknowledge")
    bongsu.call(
        "POST", f"/incidents/{incident['id']}/comment", {"text": "Looking at the upstream."}
    )
    page = Browser(bongsu.url)
    page.post("/sign-in", {"email": "dana@example.com", "password": "correct horse battery"})
    report.must(
        "the incident has a page",
        "Looking at the upstream." in page.get(f"/incidents/{incident['id']}"),
    )
    return int(incident["id"])


def _open_incident(bongsu: Bongsu) -> Any:
    found = bongsu.call("GET", "/incidents?open=true")["incidents"]
    return next((one for one in found if "Checkout" in str(one["title"])), None)


def keeps(
    bongsu: Bongsu, listed: Callable[[str], list[str]], read: Callable[[str], bytes], report: Report
) -> None:
    report.chapter("5. Evidence in object storage")
    keys = wait_until("evidence in S3", lambda: listed("bongsu/evidence/shop-checkout/"))
    document = json.loads(read(keys[-1]))
    report.saw("evidence", keys[-1])
    report.must(
        "it holds what was seen", document["seen"]["status"] == 500, document["seen"]["conditions"]
    )


def mends(bongsu: Bongsu, site: Site, mailbox: Mailbox, report: Report) -> None:
    report.chapter("6. It is mended: the same people hear it, in the same thread")
    first = mailbox.wait(lambda m: "Checkout" in str(m["Subject"]) and "hana" in str(m["To"]))[1]
    mended_at = time.monotonic()
    site.switch("shop-checkout", "ok")
    thread = str(first["References"]).split()[0]

    def again(mail: Any) -> bool:
        same = thread in str(mail["References"]) and "hana" in str(mail["To"])
        return same and mail["Message-ID"] != first["Message-ID"]

    at, _ = mailbox.wait(again, what="resolved mail")
    report.must(
        "the “resolved” mail", True, f"{at - mended_at:.1f} s after it was mended, thread {thread}"
    )
    wait_until("the incident is over", lambda: _open_incident(bongsu) is None)


def role_taken_away(bongsu: Bongsu, report: Report) -> None:
    report.chapter("7. An administrator's role is taken away: at once")
    made = bongsu.call(
        "POST", "/users", {"name": "Second", "email": "second@example.com", "role": "admin"}
    )
    browser = Browser(bongsu.url)
    link = str(made["link"]).rsplit("/", 1)[1]
    browser.post(f"/door/{link}", {"name": "Second", "password": "yet another password"})
    token = str(browser.json("POST", "/api/v1/tokens", {"name": "t", "scopes": ["*"]})["token"])
    status, _ = bongsu.ask("POST", "/services", {"name": "second"}, token)
    report.must("as administrator: registered", status == 201, status)
    bongsu.call("PATCH", f"/users/{made['id']}", {"role": "viewer"})
    status, _ = bongsu.ask("DELETE", "/services/second", None, token)
    report.must("the next request is refused", status == 403, status)


def archived(
    listed: Callable[[str], list[str]], read: Callable[[str], bytes], report: Report
) -> None:
    report.chapter(
        "9. The record of every failed check (an hour's file ends with the hour, or with a stop)"
    )
    wait_until("the file in S3", lambda: listed("bongsu/failed/shop-checkout/"))
    keys = listed("bongsu/failed/shop-checkout/")
    report.must("an hourly file under service and date", bool(keys), keys[-1] if keys else "none")
    if keys:
        lines = gzip.decompress(read(keys[-1])).decode().splitlines()
        record = json.loads(lines[0])
        report.must(
            "one line a failed check",
            record["status"] == 500,
            f"{len(lines)} lines; first {lines[0][:70]}…",
        )


def korean(bongsu: Bongsu, report: Report) -> None:
    report.chapter("8. The same page in Korean")
    browser = Browser(bongsu.url)
    browser.post("/sign-in", {"email": "dana@example.com", "password": "correct horse battery"})
    # Her own is that of the browser that she first came with.
    browser.post("/-/preferences", {"language": "ko"})
    page = browser.get("/")
    report.must("the wall speaks Korean", "현황판" in page and 'lang="ko"' in page)


def main() -> int:
    """Everything in one folder that goes with it."""
    started, report = time.monotonic(), Report()
    with (
        tempfile.TemporaryDirectory(prefix="bongsu-000-") as name,
        Mailbox() as mailbox,
        object_storage(Path(name)) as (objects, listed, read),
    ):
        folder = Path(name)
        site = Site(folder)
        secrets = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ALLOW_HTTP": "true",
        }
        bongsu = Bongsu(folder, mailbox, objects_url=objects)
        bongsu.environment |= secrets
        report.timed("Bongsu started", 30.0, bongsu.start)
        try:
            bongsu.become_admin()
            register(bongsu, site, report)
            only_administrators(bongsu, report)
            choosing_calls(bongsu, site, report)
            breaks(bongsu, site, mailbox, report)
            keeps(bongsu, listed, read, report)
            mends(bongsu, site, mailbox, report)
            role_taken_away(bongsu, report)
            korean(bongsu, report)
            report.timed("Bongsu stopped", 3.0, bongsu.stop)
            bongsu.start()
            archived(listed, read, report)
        finally:
            bongsu.stop()
            site.stop()
    print(f"\n{report.wrong} wrong, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

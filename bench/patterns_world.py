"""Events and rules as unequal as in life, for the bench of patterns: what is drawn from what."""

import random
from collections.abc import Callable
from typing import Any

SEED = 20261121
SERVICES, HOSTS = 400, 2000
NOUNS = (
    "check",
    "incident",
    "task",
    "deployment",
    "replica",
    "log",
    "metric",
    "request",
    "scale",
    "backup",
    "queue",
    "user",
)
VERBS = ("state_changed", "created", "updated", "failed", "finished")
TYPES = tuple(f"{noun}.{verb}" for verb in VERBS for noun in NOUNS)
STATES = ("up", "up", "degraded", "down", "unknown")
SITES = ("busan", "seoul", "tokyo", "frankfurt", "virginia")
KINDS = ("http", "tcp", "tls", "dns", "heartbeat")
WORDS = ("orders", "basket", "search", "login", "pay", "stock", "mail", "report", "image", "sync")
Json = dict[str, Any]


class World:
    """Draws events and rules; the same seed gives the same ones."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)

    def event(self) -> Json:
        pick = self.random
        kind = self._zipf(len(TYPES))
        service, host, site = self._zipf(SERVICES), self._zipf(HOSTS), pick.choice(SITES)
        word = WORDS[service % len(WORDS)]
        before, after = pick.choice(STATES), pick.choice(STATES)
        data = {
            "object": f"check/{service * 7 + kind}",
            "service": f"{word}-{service}",
            "group": f"group-{service % 25}",
            "kind": KINDS[kind % len(KINDS)],
            "host": f"{word}-{host:04d}.{site}.example.com",
            "url": f"https://{word}.example.com/api/v{1 + service % 3}/{word}/{pick.randrange(10_000)}",
            "before": {"state": before, "since": "2026-11-21T02:10:00.000Z"},
            "after": {"state": after, "since": "2026-11-21T02:14:10.000Z"},
            "changed": ["state", "reason"] if before != after else ["reason"],
            "latency_ms": round(pick.lognormvariate(4.5, 1.2), 1),
            "status": pick.choice((200, 200, 200, 301, 404, 500, 502, 503)),
            "attempts": pick.randrange(1, 6),
            "reason": f"{pick.randrange(1, 6)} of 5 checks fail from {site}: the {word} API answers late",
            "phases_us": {
                "name": 412,
                "connect": 1_930,
                "tls": 8_114,
                "first_byte": pick.randrange(99_999),
            },
            "evidence": f"objects/2026/11/21/{service}/{pick.getrandbits(64):016x}.json",
            "tags": [f"team-{service % 12}", f"tier-{service % 3}"],
        }
        noun = TYPES[kind].partition(".")[0]
        return self._view(f"app.{noun}", TYPES[kind], site, data)

    def _view(self, source: str, name: str, site: str, data: Json) -> Json:
        """As `Event.match_view()`: both names of every value."""
        number = self.random.getrandbits(48)
        return {
            "version": "0",
            "id": f"01934d3a-7c1e-7aaa-8bbb-{number:012x}",
            "source": source,
            "detail-type": name,
            "account": "bongsu",
            "time": "2026-11-21T02:14:10.123456Z",
            "region": site,
            "resources": [data["object"], f"service/{data['service']}", f"team/{data['tags'][0]}"],
            "detail": data,
            "specversion": "1.0",
            "type": name,
            "subject": data["object"],
            "severity": 1 + number % 5,
            "actor": "system",
            "data": data,
        }

    def _zipf(self, n: int) -> int:
        """0 … n-1, the first ones far more often."""
        return min(n - 1, int(n ** self.random.random()) - 1)

    def rule(self) -> Json:
        kinds: tuple[Callable[[Json], Json], ...] = (
            self._exact, self._edge, self._numeric, self._anything_but, self._wildcard, self._or,
        )  # fmt: skip
        made = self.random.choices(kinds, weights=(40, 20, 15, 10, 10, 5))[0]
        return made(self.event())

    def hard_rule(self) -> Json:
        kinds = (self._hard_edge, self._hard_numeric, self._hard_but, self._hard_wildcard)
        return self.random.choices(kinds, weights=(40, 25, 15, 20))[0](self.event())

    def _exact(self, event: Json) -> Json:
        data = event["detail"]
        states = sorted({data["after"]["state"], self.random.choice(STATES)})
        rule: Json = {"detail-type": [event["detail-type"]]}
        detail = self.random.choice((
            {"after": {"state": states}, "service": [data["service"]]},
            {"after": {"state": states}, "group": [data["group"]]},
            {"kind": [data["kind"]], "tags": [data["tags"][0]]},
            {"status": [data["status"]], "service": [data["service"]]},
        ))  # fmt: skip
        return rule | {"detail": detail}

    def _named(self, event: Json, detail: Json) -> Json:
        """Four rules in five say which type, source or service they are about."""
        way = self.random.randrange(5)
        if way in (0, 1):
            return {"detail-type": [event["detail-type"]], "detail": detail}
        if way == 2:
            return {"source": [event["source"]], "detail": detail}
        if way == 3:
            return {"detail": detail | {"service": [event["detail"]["service"]]}}
        return {"detail": detail}

    def _edge(self, event: Json) -> Json:
        data = event["detail"]
        host = data["host"]
        detail = self.random.choice((
            {"host": [{"prefix": host.split(".")[0][:-2]}]},
            {"host": [{"suffix": host.split("-")[1][2:]}]},
            {"url": [{"prefix": data["url"].rpartition("/")[0]}], "after": {"state": [{"prefix": "d"}]}},
            {"service": [{"prefix": data["service"]}], "object": [{"suffix": data["object"][-1]}]},
        ))  # fmt: skip
        return self._named(event, detail)

    def _numeric(self, event: Json) -> Json:
        data = event["detail"]
        low = self.random.choice((300, 800, 2000, 5000))
        detail = self.random.choice((
            {"latency_ms": [{"numeric": [">", low]}]},
            {"latency_ms": [{"numeric": [">=", low, "<", low * 2]}], "attempts": [{"numeric": [">", 2]}]},
            {"status": [{"numeric": [">=", 500]}], "attempts": [{"numeric": ["=", data["attempts"]]}]},
        ))  # fmt: skip
        return self._named(event, detail)

    def _anything_but(self, event: Json) -> Json:
        data = event["detail"]
        detail = self.random.choice((
            {"after": {"state": [{"anything-but": ["up", "unknown"]}]}, "group": [data["group"]]},
            {"kind": [{"anything-but": "http"}], "host": [{"prefix": data["host"][:8]}]},
            {"status": [{"anything-but": [200, 301]}], "service": [data["service"]]},
        ))  # fmt: skip
        return self._named(event, detail)

    def _wildcard(self, event: Json) -> Json:
        data = event["detail"]
        word = data["service"].split("-")[0]
        detail = self.random.choice((
            {"host": [{"wildcard": f"{data['host'][:8]}*.{event['region']}.*"}]},
            {"url": [{"wildcard": f"*/v{data['url'][-1]}/*{data['url'][-2:]}"}]},
            {"reason": [{"wildcard": f"5 of*{word}*"}], "host": [{"wildcard": f"*{event['region']}*"}]},
        ))  # fmt: skip
        return self._named(event, detail)

    def _or(self, event: Json) -> Json:
        data = event["detail"]
        detail = {
            "service": [data["service"]],
            "$or": [{"after": {"state": ["down"]}}, {"latency_ms": [{"numeric": [">", 2000]}]}],
        }
        return self._named(event, detail)

    def _hard_edge(self, event: Json) -> Json:
        data = event["detail"]
        return {
            "detail-type": [{"prefix": event["detail-type"][:-1]}],
            "detail": {
                "host": [{"prefix": data["host"][:9]}],
                "after": {"state": [{"prefix": "d"}]},
            },
        }

    def _hard_numeric(self, event: Json) -> Json:
        latency = event["detail"]["latency_ms"]
        bounds = [">=", latency, "<", latency + self.random.choice((5, 20, 100))]
        return {
            "detail": {"latency_ms": [{"numeric": bounds}], "attempts": [{"numeric": [">", 2]}]}
        }

    def _hard_but(self, event: Json) -> Json:
        return {
            "source": [{"anything-but": {"prefix": event["source"][:6]}}],
            "detail": {"host": [{"suffix": event["detail"]["host"].split("-")[1]}]},
        }

    def _hard_wildcard(self, event: Json) -> Json:
        data = event["detail"]
        return {
            "resources": [{"wildcard": f"*/{data['service']}"}],
            "detail": {"url": [{"wildcard": f"https://*/{data['url'][-2:]}*"}]},
        }

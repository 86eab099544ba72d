"""The back end: who calls, what they say, the last of it. PostgreSQL and Redis where they are named."""

import json
import os
import secrets
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from session import reader, set_cookie
from store import Store, store

from web import Answer, App, Refused, Request, origins, serve

LAST, LAST_S = "feedback:last", 5
TIMES, TIMES_S = 20, 60  # that one person may speak in a minute
LABELS = ("praise", "problem", "question", "wish")


class Back:
    """`redis`: None, or away: every request asks the store, and nobody is counted."""

    def __init__(self, kept: Store, redis: Redis | None, key: bytes) -> None:
        self.kept, self.redis, self.key = kept, redis, key

    def health(self, _: Request) -> Answer:
        """That this program answers; a database that is away must not take every copy out of service."""
        return Answer(200, {"ok": True})

    def sign_in(self, request: Request) -> Answer:
        name = _text(request, "name", 40)
        return Answer(200, {"name": name}, {"Set-Cookie": set_cookie(name, self.key)})

    def me(self, request: Request) -> Answer:
        return Answer(200, {"name": self._who(request)})

    def last(self, _: Request) -> Answer:
        cached = self._of_redis(lambda redis: redis.get(LAST))
        if cached is not None:
            return Answer(200, json.loads(cached), {"X-Cache": "hit"})
        said = {"feedback": self.kept.last()}
        self._of_redis(lambda redis: redis.put(LAST, json.dumps(said), LAST_S))
        return Answer(200, said, {"X-Cache": "miss"})

    def add(self, request: Request) -> Answer:
        name = self._who(request)
        text, label = _text(request, "text", 2000), _text(request, "label", 20)
        if label not in LABELS:
            raise Refused(400, f"label is one of {', '.join(LABELS)}.")
        times = self._of_redis(lambda redis: redis.count(f"times:{name}", TIMES_S))
        if times and times > TIMES:
            raise Refused(429, f"At most {TIMES} times a minute.")
        self.kept.add(name, text, label)
        self._of_redis(lambda redis: redis.drop(LAST))
        return Answer(201, {"name": name, "text": text, "label": label})

    def _who(self, request: Request) -> str:
        name = reader(request.headers.get("cookie", ""), self.key, time.time())
        if name is None:
            raise Refused(401, "Sign in first.")
        return name

    def _of_redis(self, ask: Callable[[Redis], Any]) -> Any:
        if self.redis is None:
            return None
        try:
            return ask(self.redis)
        except OSError as error:
            print(json.dumps({"warning": "redis", "why": str(error)}), flush=True)
            return None


def _text(request: Request, field: str, most: int) -> str:
    value = request.body.get(field) if isinstance(request.body, dict) else None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most:
        raise Refused(400, f"{field} is a text of 1 to {most} characters.")
    return value.strip()


def routes(back: Back) -> dict[tuple[str, str], Callable[[Request], Answer]]:
    return {
        ("GET", "/healthz"): back.health,
        ("POST", "/api/sign-in"): back.sign_in,
        ("GET", "/api/me"): back.me,
        ("GET", "/api/feedback"): back.last,
        ("POST", "/api/feedback"): back.add,
    }


def main() -> None:
    url = os.environ.get("REDIS_URL")
    key = os.environ.get("SESSION_KEY", secrets.token_hex()).encode()
    back = Back(store(), Redis(url) if url else None, key)
    serve(App(routes(back), origins()))


if __name__ == "__main__":
    main()

"""Who calls: a cookie that this program has signed. Any copy can read it; nothing is kept."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.cookies import CookieError, SimpleCookie

COOKIE, LASTS_S = "session", 8 * 3600
# Sent along by pages of the same site, over TLS, and out of reach of their scripts.
ATTRIBUTES = f"Path=/; Max-Age={LASTS_S}; HttpOnly; Secure; SameSite=Lax"


def signed(name: str, key: bytes, now: float) -> str:
    who = urlsafe_b64encode(name.encode()).decode()
    body = f"{who}.{int(now) + LASTS_S}"
    return f"{body}.{_mark(body, key)}"


def set_cookie(name: str, key: bytes) -> str:
    return f"{COOKIE}={signed(name, key, time.time())}; {ATTRIBUTES}"


def reader(header: str, key: bytes, now: float) -> str | None:
    """The name, where the cookie is ours and not too old."""
    try:
        found = SimpleCookie(header).get(COOKIE)
        body, _, mark = found.value.rpartition(".") if found else ("", "", "")
        who, _, until = body.partition(".")
        if hmac.compare_digest(mark, _mark(body, key)) and int(until) > now:
            return urlsafe_b64decode(who).decode()
    except (CookieError, ValueError):
        pass
    return None


def _mark(body: str, key: bytes) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()

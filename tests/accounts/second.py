"""People with a second factor."""

from typing import Any

import httpx2

from bongsu.accounts import entry, second_step, sessions, store, store_factors, totp
from bongsu.accounts.http import CSRF_HEADER
from bongsu.accounts.inputs import SignIn
from bongsu.accounts.inputs_factors import SecondStep, SignInAtOnce
from bongsu.accounts.sessions import Visit
from bongsu.accounts.wire import COOKIE
from tests.people import PASSWORD, visitor

HERE = Visit("203.0.113.7", "a browser")


class WithCodes:
    """Bob, who has a second factor."""

    def __init__(self, h, actor, secret, codes):
        self.h, self.actor, self.secret, self.codes = h, actor, secret, codes

    def code(self, steps=0):
        return totp.code_at(self.secret, totp.step_at(self.h.clock.now()) + steps)

    async def half(self, visit=HERE, password=PASSWORD):
        form = SignIn(email=self.actor.email, password=password)
        return await sessions.sign_in(self.h.db, form, visit, self.h.clock)

    async def finish(self, half, code, visit=HERE):
        form = SecondStep(code=code)
        return await second_step.finish(self.h.db, half, form, visit, self.h.clock, self.h.vault)

    async def at_once(self, code="", password=PASSWORD, visit=HERE):
        form = SignInAtOnce(email=self.actor.email, password=password, code=code)
        return await second_step.sign_in_at_once(self.h.db, form, visit, self.h.clock, self.h.vault)


async def with_codes(h, actor):
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    sealed = (await h.vault.keyring()).seal(actor.id, secret)
    async with h.db.write() as tx:
        await store_factors.keep_pending(tx, actor.id, sealed, h.clock.now())
        await store_factors.confirm(tx, actor.id, sealed, 0, h.clock.now())
        hashes = [totp.recovery_hash(one) for one in codes]
        await store_factors.replace_codes(tx, actor.id, hashes)
    return WithCodes(h, actor, secret, codes)


async def client_of(h: Any, actor: Any, opened_by: str = "password totp") -> httpx2.AsyncClient:
    """A browser whose session was opened in these ways."""
    async with h.db.write() as tx:
        user = await store.user_by_id(tx, actor.id)
        cookie = await sessions.begin_session(tx, user, HERE, h.clock, opened_by)
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    client = visitor(h.app)
    client.cookies.set(COOKIE, cookie)
    if found:
        client.headers[CSRF_HEADER] = found.session.shown_csrf("salt")
    return client

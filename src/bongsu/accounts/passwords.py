"""argon2id on two threads of its own, so that signing in holds up neither the loop nor the memory."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bongsu.kit.errors import TooMany
from bongsu.kit.i18n import say

THREADS = 2  # 64 MiB each while it works
WAITING_LIMIT = 64
T = TypeVar("T")


@dataclass(slots=True)
class Passwords:
    """The parameters are in each hash: raising them here upgrades people as they sign in."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
    )
    _waiting: int = 0
    _nobody: str = ""

    async def hash(self, password: str) -> str:
        return await self._work(self.hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """The same work whether the account exists or not: without a hash, that of nobody is tried."""
        if not self._nobody:
            self._nobody = await self._work(self.hasher.hash, "nobody")
        right = await self._work(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        return self.hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _work(self, work: Callable[..., T], *args: str) -> T:
        """Raises TooMany when more people wait than could be served in a few seconds."""
        if self._waiting >= WAITING_LIMIT:
            raise TooMany(
                say("Too many people sign in at this moment. Try again in a few seconds."), 5
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._waiting -= 1


PASSWORDS = Passwords()

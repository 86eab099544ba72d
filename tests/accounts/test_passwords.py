import asyncio

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from bongsu.accounts.passwords import THREADS, WAITING_LIMIT, Passwords
from bongsu.kit.errors import TooMany

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_passwords_are_argon2id_with_64_mebibytes():
    stored = await Passwords().hash("a heron by the weir")

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (RFC_9106_LOW_MEMORY.memory_cost, RFC_9106_LOW_MEMORY.time_cost) == (65536, 3)


async def test_only_the_right_password_fits():
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("a heron by the weir")

    assert await passwords.verify(stored, "a heron by the weir")
    assert not await passwords.verify(stored, "A heron by the weir")
    assert not await passwords.verify("not a hash", "a heron by the weir")


class Counting(PasswordHasher):
    """Counts what argon2 is asked to do: the time of an answer is that work."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash, password):  # noqa: A002  argon2's name
        self.verified += 1
        return super().verify(hash, password)


async def test_an_account_that_does_not_exist_costs_the_same_work():
    counting = Counting()
    passwords = Passwords(counting)

    assert not await passwords.verify(None, "nobody")
    unknown = counting.verified
    assert not await passwords.verify(CHEAP.hash("something"), "nobody")

    assert (1, 2) == (unknown, counting.verified)


async def test_hashes_of_older_parameters_are_told_apart():
    assert Passwords().outdated(CHEAP.hash("x"))
    assert not Passwords(CHEAP).outdated(CHEAP.hash("x"))


async def test_two_work_at_a_time_and_a_crowd_is_turned_away_at_once():
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("x")
    await passwords.verify(None, "warm")
    crowd = [passwords.verify(stored, "x") for _ in range(WAITING_LIMIT + 10)]

    results = await asyncio.gather(*crowd, return_exceptions=True)

    refused = [one for one in results if isinstance(one, TooMany)]
    assert 10 == len(refused)
    assert all(one is True for one in results if not isinstance(one, TooMany))
    assert passwords._threads._max_workers == THREADS


async def test_the_loop_goes_on_while_a_password_is_hashed():
    passwords, beats = Passwords(), 0
    hashing = asyncio.ensure_future(passwords.hash("a heron by the weir"))
    while not hashing.done():
        await asyncio.sleep(0)
        beats += 1

    assert beats > 10
    assert (await hashing).startswith("$argon2id$")

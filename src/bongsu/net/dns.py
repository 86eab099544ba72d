"""Questions to a name server by c-ares, with answers that say whose fault a failure is."""

from dataclasses import dataclass
from typing import Literal

import aiodns
from pycares import AAAARecordData, ARecordData, errno

from bongsu.kit.i18n import Said, say
from bongsu.net.model import Family

NEGATIVE_TTL_S = 5.0
_MIN_TTL_S = 1.0  # also what a TTL of 0 gets: at most one question a second per name
_MAX_TTL_S = 300.0
_TRY_S, _TRIES = 1.5, 2  # c-ares doubles the wait: 4.5 s until "no answer"

# What the name itself is to blame for. All else (no answer, refused, malformed) lies between us and the resolver.
_NAMES_OWN = {
    errno.ARES_ENOTFOUND: say("There is no name {host} (NXDOMAIN)."),
    errno.ARES_ESERVFAIL: say("The name servers of {host} fail (SERVFAIL)."),
    errno.ARES_ENODATA: say("{host} has no address."),
    errno.ARES_EBADNAME: say("{host} is no valid host name."),
}
_NO_FAMILY = {"4": say("{host} has no IPv4 address."), "6": say("{host} has no IPv6 address.")}
_OURS = say("Our resolver does not say where {host} is: {why}.")

Addresses = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameFault:
    """`name`: the name is wrong or its servers are; `resolver`: we could not ask."""

    kind: Literal["name", "resolver"]
    sentence: Said
    code: int = 0
    why: str = ""

    def said(self, host: str) -> Said:
        """The sentence about this host."""
        values = {"host": host, "why": self.why} if self.why else {"host": host}
        return say(self.sentence.text, **values)


def not_asked(why: str, code: int = 0) -> NameFault:
    return NameFault("resolver", _OURS, code, why)


Answer = Addresses | NameFault
BAD_NAME = NameFault("name", _NAMES_OWN[errno.ARES_EBADNAME], errno.ARES_EBADNAME)


class Channel:
    """A c-ares channel: used with `async with`, closed by `retire` once its last user has left.

    Making one raises pycares.AresError when the machine has no descriptor or thread left.
    """

    def __init__(self, nameservers: tuple[str, ...], made_s: float) -> None:
        self.made_s = made_s
        self._users = 0
        self._retired = False
        self._dns = aiodns.DNSResolver(
            nameservers=list(nameservers) or None, timeout=_TRY_S, tries=_TRIES
        )

    async def __aenter__(self) -> "Channel":
        self._users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._users -= 1
        await self._close_when_done()

    async def retire(self) -> None:
        self._retired = True
        await self._close_when_done()

    async def _close_when_done(self) -> None:
        if self._retired and not self._users:
            await self._dns.close()

    async def ask(self, name: str, family: Family) -> tuple[Answer, float]:
        """The answer and how many seconds it may be kept.

        For `any` the AAAA record is asked only when there is no A: half the questions, and a broken
        AAAA answer (there are many) does not hold up a site that has IPv4.
        """
        if family == "6":
            return await self._record(name, "AAAA")
        answer, ttl_s = await self._record(name, "A")
        missing = isinstance(answer, NameFault) and answer.code == errno.ARES_ENODATA
        if family == "any" and missing:
            return await self._record(name, "AAAA")
        return answer, ttl_s

    async def _record(self, name: str, record: Literal["A", "AAAA"]) -> tuple[Answer, float]:
        try:
            result = await self._dns.query_dns(name, record)
        except aiodns.error.DNSError as error:
            return _fault(int(error.args[0])), NEGATIVE_TTL_S
        except UnicodeError:
            return BAD_NAME, NEGATIVE_TTL_S
        wanted = ARecordData if record == "A" else AAAARecordData
        addresses = tuple(r.data.addr for r in result.answer if isinstance(r.data, wanted))
        if not addresses:
            return _fault(errno.ARES_ENODATA), NEGATIVE_TTL_S
        ttl_s = float(min(r.ttl for r in result.answer))
        return addresses, min(max(ttl_s, _MIN_TTL_S), _MAX_TTL_S)


def of_family(addresses: Addresses, family: Family) -> Answer:
    if family == "any":
        return addresses
    wanted = tuple(a for a in addresses if (":" in a) == (family == "6"))
    return wanted or NameFault("name", _NO_FAMILY[family], errno.ARES_ENODATA)


def _fault(code: int) -> NameFault:
    if sentence := _NAMES_OWN.get(code):
        return NameFault("name", sentence, code)
    return not_asked(str(errno.strerror(code)), code)

"""How much goes through in a month: assumptions as data, replaced by what the file says. Pure."""

from dataclasses import dataclass, fields
from typing import Literal

from bongsu.infra.model.expected import Traffic

Level = Literal["low", "expected", "high"]
LEVELS: tuple[Level, ...] = ("low", "expected", "high")
# What a quiet and a busy month are, as a share of a usual one.
SHARE: dict[Level, float] = {"low": 0.3, "expected": 1.0, "high": 4.0}
# A usual month of a small product, where the file does not say.
USUAL = {
    "requests": 10_000_000.0,
    "out_gb": 100.0,
    "nat_gb": 50.0,
    "log_gb": 20.0,
    "stored_gb": 50.0,
}
CACHED_SHARE = 0.8  # of a distribution's requests and bytes that never reach an origin
CROSS_ZONE_SHARE = 0.5  # of what the parts say to each other that leaves its zone
INNER_SHARE = 1.0  # bytes between tiers for each byte to people
TRANSIT_SHARE = 0.2  # bytes through a transit gateway for each byte to people
WAF_RULES = 4  # managed groups on each web ACL
ACCESS_LOG_BYTES, ACCESS_LOG_MONTHS = 200.0, 3.0  # packed, for each request; how long it is kept
IMAGE_GB = 1.0  # kept in the registry for each service that is built here
DAILY_CHANGE = 0.05  # of a database's storage that a day of backups adds
FLOW_LOG_GB = 2.0  # written by a network with flow logs
IO_PER_REQUEST = 3.0  # of an Aurora database
TABLE_WRITES, TABLE_READS = 1.0, 0.5  # of items of a kilobyte, for each request and table
FUNCTION_SHARE, FUNCTION_S = 0.1, 0.5  # of the requests start each function, for so long
EVENT_SHARE, MAIL_SHARE = 0.1, 0.01  # of the requests that are told on a bus, by a mail
# A pipeline's month: how often it runs, and the minutes of each of its steps.
RUNS, TEST_MIN, IMAGE_MIN, RELEASE_MIN = 40.0, 5.0, 8.0, 6.0
MESSAGE_SHARE, MESSAGE_KB = 0.1, 1.0  # of the requests go through each topic, queue and stream
ALARMS = {
    "load_balancers": 3,
    "services": 2,
    "clusters": 4,
    "servers": 2,
    "capacity": 3,
    "databases": 3,
    "caches": 2,
    "tables": 1,
    "functions": 3,
    "gateways": 2,
    "topics": 1,
    "queues": 2,
    "streams": 2,
}
# What each part is watched by: about as many alarms as the builders make.


@dataclass(frozen=True, slots=True)
class Month:
    """`assumed`: the fields that the file does not give."""

    level: Level
    requests: float
    out_gb: float
    nat_gb: float
    log_gb: float
    stored_gb: float
    assumed: tuple[str, ...] = ()

    @property
    def requests_millions(self) -> float:
        return self.requests / 1e6


def month(level: Level, said: Traffic | None = None) -> Month:
    """Quiet and busy months are the usual one times a share; what is kept does not shrink in a quiet month."""
    names = [field.name for field in fields(Month) if field.name in USUAL]
    given = {name: getattr(said, name, None) for name in names}
    usual = {name: USUAL[name] if value is None else value for name, value in given.items()}
    amounts = {name: value * SHARE[level] for name, value in usual.items() if name != "stored_gb"}
    kept = usual["stored_gb"] * max(SHARE[level], 1.0)
    assumed = tuple(name for name, value in given.items() if value is None)
    return Month(level, **amounts, stored_gb=kept, assumed=assumed)

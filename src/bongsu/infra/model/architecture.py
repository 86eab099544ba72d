"""One architecture: everything that one file says about one environment."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field, PrivateAttr

from bongsu.infra.model.base import Account, Block, Host, Name, Region
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.data import Bucket, Cache, Database, Migration, Table
from bongsu.infra.model.delivery import Pipeline
from bongsu.infra.model.events import Bus, Sender
from bongsu.infra.model.expected import Traffic
from bongsu.infra.model.functions import Function
from bongsu.infra.model.gateways import Gateway
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.model.messages import Push, Queue, Stream, Topic
from bongsu.infra.model.network import Network, Transit
from bongsu.infra.model.people import People
from bongsu.infra.model.traffic import Distribution, LoadBalancer, NameRecord
from bongsu.infra.model.watching import Accepted, Alarms, Hours

# The sections whose entries have names that other parts of the file may use; a name stands once in all of them.
SECTIONS = (
    "networks",
    "load_balancers",
    "distributions",
    "capacity",
    "clusters",
    "services",
    "servers",
    "databases",
    "caches",
    "buckets",
    "tables",
    "functions",
    "events",
    "mail",
    "gateways",
    "pipelines",
    "topics",
    "queues",
    "streams",
    "push",
)
# Those of them that services may run on.
HOSTS = ("capacity", "clusters")
# Those of them that stand in no network and are asked by HTTPS.
REGIONAL = ("buckets", "tables", "events", "mail", "topics", "queues", "streams", "push")


class Architecture(Block):
    """`production`: the environment whose loss hurts; rules are stricter there."""

    name: Name
    environment: Name = "production"
    production: bool = True
    account: Account | None = None
    accounts: dict[Name, Account] = Field(default_factory=dict)  # environment → account
    region: Region
    domain: Host | None = None  # a hosted zone that exists in Route 53
    networks: dict[Name, Network] = Field(default_factory=dict)
    transit: Transit | None = None
    load_balancers: dict[Name, LoadBalancer] = Field(default_factory=dict)
    distributions: dict[Name, Distribution] = Field(default_factory=dict)
    gateways: dict[Name, Gateway] = Field(default_factory=dict)
    records: dict[Name, NameRecord] = Field(default_factory=dict)
    capacity: dict[Name, Capacity] = Field(default_factory=dict)
    clusters: dict[Name, Cluster] = Field(default_factory=dict)
    services: dict[Name, Service] = Field(default_factory=dict)
    servers: dict[Name, Servers] = Field(default_factory=dict)
    databases: dict[Name, Database] = Field(default_factory=dict)
    caches: dict[Name, Cache] = Field(default_factory=dict)
    buckets: dict[Name, Bucket] = Field(default_factory=dict)
    tables: dict[Name, Table] = Field(default_factory=dict)
    functions: dict[Name, Function] = Field(default_factory=dict)
    events: dict[Name, Bus] = Field(default_factory=dict)
    mail: dict[Name, Sender] = Field(default_factory=dict)
    pipelines: dict[Name, Pipeline] = Field(default_factory=dict)
    topics: dict[Name, Topic] = Field(default_factory=dict)
    queues: dict[Name, Queue] = Field(default_factory=dict)
    streams: dict[Name, Stream] = Field(default_factory=dict)
    push: dict[Name, Push] = Field(default_factory=dict)
    people: People | None = None
    migrations: dict[Name, Migration] = Field(default_factory=dict)
    alarms: Alarms = Alarms()
    hours: Hours | None = None
    traffic: Traffic = Traffic()
    accepted: tuple[Accepted, ...] = ()
    _siblings: tuple[str, ...] = PrivateAttr(())

    def model_post_init(self, context: Any) -> None:
        self._siblings = (context or {}).get("siblings", (self.environment,))

    @property
    def siblings(self) -> tuple[str, ...]:
        """Every environment of the file, in its order."""
        return self._siblings

    @property
    def stem(self) -> str:
        """The beginning of every name in AWS."""
        return f"{self.name}-{self.environment}"

    def network_of(self, block: Block) -> str | None:
        """Where a block stands: with one network nobody needs to name it."""
        only = next(iter(self.networks)) if len(self.networks) == 1 else None
        return getattr(block, "network", None) or only

    def account_of(self, environment: str) -> str | None:
        """Where an environment of the file lives, as far as this one knows."""
        own = self.account if environment == self.environment else None
        return own or self.accounts.get(environment)

    def built_by(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Services whose images a pipeline makes."""
        if pipeline.builds is not None:
            return pipeline.builds
        return tuple(name for name, one in self.services.items() if one.image.build)

    def packaged_by(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Functions whose packages a pipeline makes."""
        return tuple(self.functions) if pipeline.packages else ()

    def workloads(self) -> Iterator[tuple[str, str, Service | Servers]]:
        """Section, name and block of everything that runs our code."""
        for name, service in self.services.items():
            yield "services", name, service
        for name, servers in self.servers.items():
            yield "servers", name, servers

    def users(self) -> Iterator[tuple[str, str, Service | Servers | Function]]:
        """Everything that runs our code in a role of its own; functions stand in no network."""
        yield from self.workloads()
        for name, function in self.functions.items():
            yield "functions", name, function

    def named(self) -> Iterator[tuple[str, str, Block]]:
        for section in SECTIONS:
            for name, block in getattr(self, section).items():
                yield section, name, block

    def holds(self, host: str) -> bool:
        """It lies in the zone of `domain`."""
        return self.domain is not None and f".{host}".endswith(f".{self.domain}")

    def section_of(self, name: str) -> str | None:
        return next((section for section, known, _ in self.named() if known == name), None)

"""What keeps things: databases, caches, buckets, tables, and the way in from an older database."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Cidr, Name, Port, Region, shaped
from bongsu.infra.model.compute import Ingress
from bongsu.kit.i18n import say

DatabaseClass = Annotated[
    str, shaped(r"^db\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$", "db.t4g.small")
]
CacheClass = Annotated[
    str, shaped(r"^cache\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$", "cache.t4g.small")
]

Attribute = Annotated[str, shaped(r"^[A-Za-z0-9_.-]{1,255}$", "pk")]
# Aurora takes no smaller one, a cluster of three only one with its own disk.
SMALLEST = {"aurora": "db.t4g.medium", "cluster": "db.m6gd.large"}
KeyType = Literal["string", "number", "binary"]


class Database(Block):
    """RDS or Aurora. `standby`: none, `instance` (a second one that takes over), `cluster` (two readable ones).

    `instance`: the smallest that takes such a database unless given.
    """

    network: Name | None = None
    engine: Literal["postgres", "mysql", "aurora-postgres", "aurora-mysql"] = "postgres"
    version: str | None = None
    instance: DatabaseClass = "db.t4g.small"
    storage_gib: Annotated[int, Field(ge=20, le=65_536)] = 20
    standby: Literal["none", "instance", "cluster"] = "instance"
    readers: Annotated[int, Field(ge=0, le=15)] = 0
    backup_days: Annotated[int, Field(ge=0, le=35)] = 7
    delete_protection: bool = True
    zones: Annotated[int, Field(ge=1, le=6)] | None = None
    public: bool = False
    ingress: tuple[Ingress, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _smallest(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "instance" in given:
            return given
        aurora = str(given.get("engine", "")).startswith("aurora")
        kind = "aurora" if aurora else str(given.get("standby", ""))
        return {**given, "instance": SMALLEST.get(kind, "db.t4g.small")}

    @property
    def aurora(self) -> bool:
        return self.engine.startswith("aurora")

    @property
    def port(self) -> int:
        return 5432 if self.engine.endswith("postgres") else 3306

    @model_validator(mode="after")
    def _kinds(self) -> "Database":
        if self.aurora and self.standby == "cluster":
            raise ValueError(say("Aurora keeps readers: use readers instead of standby: cluster."))
        return self


class Cache(Block):
    """Valkey (ElastiCache)."""

    network: Name | None = None
    instance: CacheClass = "cache.t4g.small"
    nodes: Annotated[int, Field(ge=1, le=6)] = 2
    ingress: tuple[Ingress, ...] | None = None
    port: Port = 6379


class Bucket(Block):
    """S3, closed to the public unless told otherwise. `region`: elsewhere, for another origin or a copy."""

    public: bool = False
    versions: bool = True
    expire_days: Annotated[int, Field(ge=1)] | None = None
    region: Region | None = None


class Table(Block):
    """DynamoDB by the request. `expires`: the attribute that says when an item goes (seconds since 1970)."""

    key: Attribute = "pk"
    key_type: KeyType = "string"
    sort: Attribute | None = None
    sort_type: KeyType = "string"
    recovery: bool = True  # to any second of the last 35 days
    delete_protection: bool = True
    expires: Attribute | None = None
    stream: bool = False  # of every change, for functions

    @model_validator(mode="after")
    def _two(self) -> "Table":
        if self.key == self.sort:
            raise ValueError(say("key and sort are two attributes."))
        return self


class Migration(Block):
    """DMS: everything from an older database, then every change until the move.

    `source_secret` holds username, password, host and port: DMS takes all of them from there.
    """

    source_engine: Literal["mysql", "postgres", "oracle", "sqlserver"]
    source_port: Port
    source_database: str
    source_secret: str
    source_cidr: Cidr
    target: Name
    instance: Annotated[
        str,
        shaped(r"^dms\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$", "dms.t3.medium"),
    ] = "dms.t3.medium"
    storage_gib: Annotated[int, Field(ge=5, le=6144)] = 50
    live: bool = True

"""Mistakes, one a row: the rule that must speak, its severity, and what is changed in a right architecture."""

from typing import Any

from tests.infra.check.mutations_clusters import CLUSTERS
from tests.infra.check.mutations_delivery import ACROSS_DELIVERY, DELIVERY
from tests.infra.check.mutations_events import EVENTS
from tests.infra.check.mutations_gateways import GATEWAYS
from tests.infra.check.mutations_hosts import HOSTS
from tests.infra.check.mutations_messages import MESSAGES
from tests.infra.support import SMALL

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
FRONT = "load_balancers.front"
MAIN = "networks.main"
ORDERS = "databases.orders"
# A second service of its own, right in itself.
OTHER = {"image": {"build": "other"}, "port": 8080}
ROUTE = {"via": "front", "hosts": ["shop.example.com"]}
EVERYBODY = "0.0.0.0/0"
FROM_FRONT = {"source": "front", "ports": "3000"}
IN_MAIN = {f"{place}.network": "main" for place in (WEB, FRONT, ORDERS)}
FAR = IN_MAIN | {"networks.far": {"nat": "none"}, f"{ORDERS}.network": "far"}
MIGRATION = {
    "source_engine": "mysql", "source_port": 3306, "source_database": "orders",
    "source_secret": "shop/legacy", "source_cidr": "172.18.4.0/24", "target": "orders",
}  # fmt: skip
ON_PREMISES = {"cidrs": ["172.18.0.0/16"], "gateway_ip": "203.0.113.10"}

ONE_COPY = {
    "id": "HA001",
    "at": "services.job",
    "why": "The store takes one writer.",
    "until": "2027-06-30",
}

NETWORKS: list[Row] = [
    ("NET001", "error", {f"{MAIN}.cidr": "10.20.0.0/23", f"{MAIN}.avoid": ["10.20.0.0/16"]}),
    ("NET001", "error", IN_MAIN | {f"{MAIN}.cidr": "10.20.0.0/23",
                                  "networks.other": {"cidr": "10.20.1.0/24", "nat": "none"}}),
    ("NET002", "warning", {f"{MAIN}.prefixes": {"public": 28}}),
    ("NET002", "error", {f"{MAIN}.prefixes": {"app": 28}, f"{WEB}.scale": {"min": 2, "max": 8}}),
    ("NET002", "warning", {f"{MAIN}.prefixes": {"app": 28}, f"{WEB}.scale": {"min": 2, "max": 5}}),
    ("NET002", "error", {f"{MAIN}.cidr": "10.20.0.0/25", f"{MAIN}.growth": {"copies": 4}}),
    ("NET003", "error", {f"{MAIN}.prefixes": {"data": 29}}),
    ("NET003", "error", {f"{MAIN}.cidr": "10.0.0.0/15"}),
    ("NET004", "warning", {f"{MAIN}.cidr": "10.0.0.0/16"}),
    ("NET005", "warning", {f"{MAIN}.growth": {"factor": 1}}),
    ("NET006", "error", {f"{WEB}.tier": "public", f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["s3"]}),
    ("NET007", "error", {f"{MAIN}.nat": "none", f"{MAIN}.endpoints": []}),
    ("NET007", "error", {f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["s3", "ecr.api", "ecr.dkr"]}),
    ("NET008", "error", {f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["ecr.api", "ecr.dkr", "logs"]}),
    ("NET009", "info", {f"{MAIN}.endpoints": []}),
    ("NET010", "warning", {f"{WEB}.tier": "public", f"{WEB}.public_ip": True, f"{MAIN}.nat": "none",
                           f"{MAIN}.endpoints": []}),
    ("NET011", "warning", {f"{MAIN}.nat": "none", f"{MAIN}.endpoint_subnets": False}),
    ("NET012", "error", {f"{MAIN}.nat": "none", f"{WEB}.internet": True}),
    ("NET012", "error", {f"{MAIN}.nat": "none", f"{WEB}.image": {"uri": "ghcr.io/shop/web:1.4.2"},
                         f"{MAIN}.endpoints": ["s3", "logs"]}),
    ("NET012", "error", {f"{MAIN}.nat": "none", "buckets.pictures.region": "us-east-1"}),
    ("NET014", "error", {"transit": {"networks": ["main"], "peers": {"hub": {"cidr": "10.20.0.0/16"}}},
                         f"{MAIN}.cidr": "10.20.0.0/23"}),
    ("NET014", "error", {"transit": {"networks": ["main"], "peers": {
        "one": {"cidr": "10.20.0.0/16"}, "two": {"cidr": "10.20.4.0/22"}}}}),
    ("NET015", "error", FAR),
    ("NET016", "error", {f"{MAIN}.letters": ["a", "b", "a"]}),
    ("NET017", "warning", {f"{MAIN}.cidr": "52.78.0.0/23"}),
    ("NET018", "warning", {"transit": {"networks": ["main"]}}),
    ("NET019", "warning", {f"{MAIN}.cidr": "172.17.0.0/23"}),
    ("MIG001", "error", {"migrations.legacy": MIGRATION}),
    ("MIG001", "error", {"migrations.legacy": MIGRATION | {"source_cidr": "192.168.0.0/24"},
                         "transit": {"networks": ["main"], "on_premises": ON_PREMISES}}),
    ("MIG002", "error", {"migrations.legacy": MIGRATION, f"{MAIN}.nat": "none",
                         "transit": {"networks": ["main"], "on_premises": ON_PREMISES}}),
    ("NAT001", "warning", {f"{MAIN}.nat": "single"}),
    ("NAT002", "warning", {f"{MAIN}.nat": "instance"}),
    ("NAT003", "warning", IN_MAIN | {"networks.idle": {"nat": "single"}}),
]  # fmt: skip
BALANCING: list[Row] = [
    ("LB001", "error", {f"{WEB}.container_port": 80}),
    ("LB001", "error", {"servers.app": {"port": 80, "health": {"path": "/"}, "routes": [
        {"via": "front", "hosts": ["app.example.com"], "target_port": 8080}]}}),
    ("LB002", "error", {f"{WEB}.health": {"path": "/healthz", "port": 80}}),
    ("LB003", "error", {f"{WEB}.ingress": []}),
    ("LB003", "error", {f"{ORDERS}.ingress": []}),
    ("LB003", "error", {f"{FRONT}.allow": ["203.0.113.0/24"],
                        "services.job": OTHER | {"uses": {"front": "connect"}, "environment": {"SHOP": "https://${front}"}}}),
    ("LB004", "warning", {f"{WEB}.health": None}),
    ("LB005", "error", {f"{FRONT}.zones": 1}),
    ("LB006", "warning", {"distributions.cdn": {"origins": {"site": {"load_balancer": "front"}},
                          "default": {"origin": "site"}}, f"{FRONT}.allow": [EVERYBODY]}),
    ("LB007", "error", {"records.www": {"name": "www.example.com", "addresses": ["203.0.113.1", "203.0.113.2"]}}),
    ("LB008", "info", {f"{WEB}.routes": [ROUTE | {"target_port": 80}]}),
    ("LB010", "error", {"services.other": OTHER | {"routes": [ROUTE], "health": {"path": "/"}}}),
    ("LB011", "warning", {"load_balancers.old": {"hosts": ["old.example.com"], "waf": True}}),
    ("LB012", "warning", {f"{WEB}.routes": [ROUTE | {"deregistration_s": 0}]}),
    ("LB017", "warning", {f"{WEB}.health": {"path": "/healthz", "interval_s": 60, "unhealthy_after": 3}}),
    ("LB018", "error", {"records.old": {"name": "shop.example.com", "addresses": ["203.0.113.1"]}}),
    ("SG001", "error", {f"{WEB}.ingress": [FROM_FRONT, {"cidr": EVERYBODY, "ports": "0-65535"}]}),
    ("SG001", "error", {f"{WEB}.ingress": [FROM_FRONT, {"cidr": "0.0.0.0/1", "ports": "22"}]}),
    ("SG003", "error", FAR | {"transit": {"networks": ["main", "far"]},
                              f"{ORDERS}.ingress": [{"source": "web", "ports": "5432"}]}),
    ("SG002", "warning", {f"{WEB}.ingress": [FROM_FRONT, {"source": "front", "ports": "8443"}]}),
    ("SG002", "warning", {f"{WEB}.ingress": [{"source": "front", "ports": "3000-3100"}]}),
]  # fmt: skip
BUILDING: list[Row] = [
    ("BLD001", "error", {FRONT: {"kind": "network", "waf": True}}),
    ("BLD001", "error", {FRONT: {"kind": "network"}, f"{WEB}.routes": [ROUTE | {"paths": ["/a"]}]}),
    ("BLD001", "error", {"load_balancers.inner": {"public": False}, "services.job": OTHER | {
        "health": {"path": "/"}, "routes": [{"via": "inner"}]}}),
    ("BLD001", "error", {f"{WEB}.port": None}),
    ("BLD001", "error", {ORDERS: {"engine": "aurora-mysql", "instance": "db.t4g.small", "readers": 1}}),
]  # fmt: skip
CAPACITY: list[Row] = [
    ("CAP001", "error", {"servers.app": {"instance": "t4g.nano", "memory_needed_mib": 1024}}),
    ("CAP002", "warning", {"servers.app": {"rolling_spare": 0}}),
    ("CAP003", "error", {f"{WEB}.memory_mib": 700}),
    ("CAP003", "error", {f"{WEB}.memory_mib": 8192}),
    ("CAP003", "error", {f"{WEB}.cpu": 300}),
    ("CAP005", "info", {"servers.app": {"instance": "z9.large", "memory_needed_mib": 1024}}),
    ("CAP006", "error", {"servers.app": {"instance": "t3.small"}}),
    ("CAP007", "warning", {f"{WEB}.scale": {"min": 2, "max": 8, "cpu_percent": None}}),
    ("HA001", "warning", {f"{WEB}.scale.min": 1}),
    ("HA001", "warning", {f"{WEB}.scale.min": 0}),
    ("HA002", "error", IN_MAIN | {"networks.lone": {"zones": 1}, "servers.app": {"network": "lone"}}),
    ("HA002", "warning", {f"{WEB}.scale.cpu_percent": 95}),
    ("HA002", "warning", {f"{WEB}.scale": {"min": 3, "max": 9}}),
    ("HA003", "warning", {f"{WEB}.spot": True}),
    ("DB001", "error", {f"{ORDERS}.standby": "none"}),
    ("DB001", "error", {ORDERS: {"engine": "aurora-mysql", "instance": "db.r7g.large", "standby": "none"}}),
    ("DB002", "error", {f"{ORDERS}.zones": 1}),
    ("DB003", "error", {ORDERS: {"standby": "cluster", "instance": "db.m6gd.large"}}),
    ("DB004", "error", {f"{ORDERS}.backup_days": 0}),
    ("DB004", "error", {f"{ORDERS}.delete_protection": False}),
    ("DB005", "error", {f"{ORDERS}.public": True}),
    ("DB005", "error", {f"{ORDERS}.ingress": [{"cidr": EVERYBODY, "ports": "5432"}]}),
    ("DB007", "warning", {f"{WEB}.uses": {"pictures": "write"}, f"{WEB}.environment.DATABASE_HOST": None}),
    ("DB007", "warning", {"caches.sessions": {}}),
    ("DB008", "warning", {f"{ORDERS}.version": "16.8"}),
    ("CACHE01", "warning", {"caches.sessions": {"nodes": 1}, f"{WEB}.uses.sessions": "connect",
                            f"{WEB}.environment.SESSIONS": "${sessions}"}),
    ("VOL001", "warning", {f"{WEB}.volume": {"path": "/data"}}),
    ("VOL002", "warning", {"services.job": OTHER | {"volume": {"path": "/data", "backup": False},
                           "scale": {"min": 1, "max": 1}}, "accepted": [ONE_COPY]}),
    ("BKT001", "warning", {"buckets.pictures.versions": False}),
]  # fmt: skip
ORIGINS = {
    "here": {"bucket": "pictures"},
    "there": {"bucket": "spare"},
    "site": {"load_balancer": "front"},
}
BUCKETS = {key: ORIGINS[key] for key in ("here", "there")}
CDN = {"origins": ORIGINS, "default": {"origin": "here", "failover": "there"}}
SPARE = {"buckets.spare": {"region": "us-west-2"}}
API = OTHER | {
    "health": {"path": "/"},
    "routes": [{"via": "front", "hosts": ["api.shop.example.com"]}],
}
EDGE: list[Row] = [
    ("SEC001", "error", {f"{WEB}.environment.DB_PASSWORD": "hunter2hunter2"}),
    ("SEC001", "error", {f"{WEB}.environment.DATABASE_URL": "postgres://shop:hunter2@db/shop"}),
    ("SEC002", "error", {"buckets.pictures.public": True}),
    ("SEC002", "error", SPARE | {"distributions.cdn": CDN | {"origins": ORIGINS | {
        "here": {"bucket": "pictures", "access_control": "none"}}}}),
    ("SEC002", "warning", SPARE | {"distributions.cdn": CDN | {"origins": ORIGINS | {
        "here": {"bucket": "pictures", "access_control": "oai"}}}}),
    ("SEC003", "warning", {f"{FRONT}.waf": False}),
    ("SEC003", "warning", SPARE | {"distributions.cdn": CDN | {"waf": False}}),
    ("SEC004", "error", {f"{FRONT}.tls": False}),
    ("SEC005", "warning", SPARE | {"distributions.cdn": CDN | {"tls": "TLSv1"}}),
    ("USE001", "error", {"databases.stock": {}, "services.job": OTHER | {"environment": {"HOST": "${stock}"}},
                         f"{WEB}.uses.stock": "connect", f"{WEB}.environment.STOCK": "${stock}"}),
    ("USE001", "error", {"services.job": OTHER | {"secrets": {"DATABASE": "${orders}"}}}),
    ("USE001", "error", {"services.job": OTHER | {"environment": {"FROM": "s3://${pictures}/in"}}}),
    ("USE002", "warning", {f"{WEB}.environment.DATABASE_HOST": None}),
    ("USE002", "warning", {f"{WEB}.environment.PICTURES": "pictures"}),
    ("USE002", "warning", {"caches.hot": {}, f"{WEB}.uses.hot": "connect"}),
    ("SEC006", "error", {f"{WEB}.environment": {"MODE": "a"}, f"{WEB}.secrets": {"MODE": "shop/mode"}}),
    ("CORS01", "info", {"services.api": API}),
    ("CORS01", "info", SPARE | {
        "services.api": API, f"{WEB}.routes": [{"via": "front", "hosts": ["in.example.com"]}],
        "distributions.cdn": CDN | {"aliases": ["www.shop.example.com"], "origins": BUCKETS}}),
    ("EDGE01", "warning", SPARE | {"distributions.cdn": CDN | {"default": {"origin": "here"}}}),
    ("EDGE03", "warning", {"buckets.spare": {}, "distributions.cdn": CDN}),
    ("EDGE03", "warning", SPARE | {"distributions.cdn": CDN | {
        "default": {"origin": "here", "failover": "here"}}}),
    ("EDGE04", "error", SPARE | {"distributions.cdn": CDN | {"default": CDN["default"] | {"methods": "all"}}}),
    ("EDGE05", "info", SPARE | {"distributions.cdn": CDN | {"shield": "advanced"}}),
    ("IAM001", "error", {f"{WEB}.grants": {}}),
    ("IAM001", "error", {f"{WEB}.grants": {"orders": "connect"}}),
    ("IAM004", "warning", {f"{WEB}.grants": {"pictures": "write", "logs": "write"}, "buckets.logs": {}}),
    ("OBS001", "warning", {"alarms.mail": []}),
    ("OBS001", "warning", {"alarms.off": ["latency"]}),
    ("OBS002", "warning", {"alarms.probe": None}),
    ("OBS003", "warning", {f"{MAIN}.flow_logs": False}),
    ("OBS003", "warning", {f"{FRONT}.access_logs": False}),
    ("OBS003", "warning", SPARE | {"distributions.cdn": CDN | {"access_logs": False}}),
    ("CICD01", "error", {f"{WEB}.image": {"build": ".", "tag": "latest"}}),
    ("CICD01", "error", {f"{WEB}.image": {"build": ".", "mutable": True}}),
    ("CICD01", "error", {f"{WEB}.image": {"uri": "ghcr.io/shop/web:latest"}}),
    ("CICD01", "error", {f"{WEB}.image": {"uri": "ghcr.io:443/shop/web"}}),
    ("OPS001", "error", {"hours": {}}),
    ("OPS002", "warning", {f"{FRONT}.delete_protection": False}),
]  # fmt: skip
MUTATIONS: list[Row] = [
    *NETWORKS, *BALANCING, *BUILDING, *CAPACITY, *EDGE, *EVENTS, *GATEWAYS, *CLUSTERS, *HOSTS,
    *DELIVERY, *MESSAGES,
]  # fmt: skip

# Two environments side by side, right as they are.
TWO = (
    SMALL
    + """
environments:
  production:
    networks: {main: {cidr: 10.40.0.0/23}}
    transit: {networks: [main], peers: {staging: {cidr: 10.44.0.0/23}}}
    services: {web: {secrets: {DATABASE_URL: shop/production/url}}}
  staging:
    networks: {main: {cidr: 10.44.0.0/23, nat: single}}
    transit: {networks: [main], peers: {production: {cidr: 10.40.0.0/23}}}
    services:
      web:
        routes: [{via: front, hosts: [staging.example.com]}]
        secrets: {DATABASE_URL: shop/staging/url}
    databases: {orders: {standby: none}}
    hours: {}
"""
)
STAGING = "environments.staging"
ACROSS: list[Row] = [
    ("ENV001", "error", {f"{STAGING}.services.web.secrets.DATABASE_URL": "shop/production/url"}),
    ("ENV002", "warning", {f"{STAGING}.networks.main.cidr": "10.40.0.0/24", f"{STAGING}.transit": None,
                           "environments.production.transit": None}),
    ("ENV002", "error", {f"{STAGING}.transit": None}),
    ("ENV002", "error", {f"{STAGING}.networks.main.cidr": "10.48.0.0/23"}),
    ("ENV002", "error", {f"{STAGING}.transit.peers": {"hub": {"cidr": "10.60.0.0/16"}},
                         "environments.production.transit.peers": {
        "elsewhere": {"cidr": "10.44.0.0/16"}}}),
    ("ENV003", "error", {f"{STAGING}.services.web.routes": None}),
    ("ENV004", "warning", {f"{STAGING}.databases.orders.engine": "mysql"}),
    ("ENV004", "warning", {f"{STAGING}.databases.orders.version": "16"}),
    ("OPS003", "info", {f"{STAGING}.hours": None}),
    ("BKT002", "warning", SPARE | {
        "distributions.cdn": CDN, f"{STAGING}.buckets": {"spare": {"versions": False}}}),
    *ACROSS_DELIVERY,
]  # fmt: skip

"""What AWS or this room cannot do is refused by name, where it stands."""

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.kit.errors import Invalid
from tests.infra.check.mutations import MIGRATION
from tests.infra.check.mutations_clusters import CLUSTER
from tests.infra.check.mutations_clusters import PODS as ON_PODS
from tests.infra.support import plan, source

WEB = "services__web__"
TCP = {"kind": "network"}
TINY = {"instance": "db.t4g.small"}
APPS = "clusters__apps__"
PODS = {place.replace(".", "__"): value for place, value in ON_PODS.items()}
INSIDE = {"public": False, "tls": False}
ON_HOSTS = {"capacity": {"hosts": {}}, f"{WEB}runs_on": "hosts"}


def problems(act):
    with pytest.raises(Invalid) as caught:
        act()
    return [(one.where, one.what.to("en"), one.line) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("changes", "place", "what"),
    [
        ({f"{WEB}environment": {"A": "${nothing}"}}, "services.web.environment.A", "${nothing} has no address."),
        ({f"{WEB}environment": {"A": "${web}"}}, "services.web.environment.A", "${web} has no address."),
        ({f"{WEB}secrets": {"A": "${pictures}"}}, "services.web.secrets.A", "${pictures} is no secret"),
        ({"databases__orders": {"version": "9.6"}}, "databases.orders.version", "postgres 9.6 is not known."),
        ({"databases__orders": {"engine": "aurora-mysql", "backup_days": 0}}, "databases.orders.backup_days",
         "orders is a cluster"),
        ({"buckets": {"pictures": {}, "one-1": {}, "one1": {}}}, "buckets.one1", "one1 and one-1 are the same"),
        ({"servers": {"old": {"image": "ubuntu"}}}, "servers.old.image", "The image ubuntu is not known."),
        ({f"{WEB}routes": [], f"{WEB}scale": {"requests_per_copy": 5}}, "services.web.scale.requests_per_copy",
         "Nobody counts the requests of web."),
        ({"load_balancers__front": {**TCP, "idle_timeout_s": 90}}, "load_balancers.front.idle_timeout_s",
         "front is a network load balancer: its idle time is fixed."),
        ({"load_balancers__front": TCP, "services__be": {"image": {"build": "."}, "port": 1,
          "routes": [{"via": "front"}]}}, "load_balancers.front",
         "front is a network load balancer: it sends to one part only."),
        ({"load_balancers__other": {"hosts": ["shop.example.com"]}}, "load_balancers.other",
         "shop.example.com already leads to front."),
        ({"capacity": {"hosts": {"image": "ubuntu"}}}, "capacity.hosts.image", "The image ubuntu is not known."),
        ({"capacity": {"hosts": {"instance": "m99.large"}}}, "capacity.hosts.image", "The processor of m99.large"),
        (ON_HOSTS | {f"{WEB}spot": True}, "services.web.spot", "web runs on hosts:"),
        (ON_HOSTS | {f"{WEB}public_ip": True}, "services.web.public_ip", "ECS gives tasks on hosts no public"),
        ({f"{WEB}runs_on": "host"}, "services.web.runs_on", "There is no host in capacity, clusters."),
        (PODS | {"networks__far": {}, "networks__main": {}, f"{WEB}network": "main", f"{APPS}network": "far",
          "load_balancers__front__network": "main", "databases__orders__network": "main"},
         "services.web.runs_on", "web and its cluster stand in different networks."),
        (PODS | {f"{WEB}tier": "public"}, "services.web.tier", "web runs where the nodes of apps stand"),
        (PODS | {f"{WEB}spot": True}, "services.web.spot", "web runs on nodes:"),
        (PODS | {f"{WEB}volume": {"path": "/data"}}, "services.web.volume", "Pods get no volume here"),
        (PODS | {f"{WEB}scale": {"requests_per_copy": 5}}, "services.web.scale.requests_per_copy",
         "Kubernetes scales web by its use"),
        (PODS | {f"{WEB}scale": {"min": 0}}, "services.web.scale.min", "Kubernetes scales web down to one pod"),
        (PODS | {f"{APPS}addons": {"weave": "v1.2.3-eksbuild.1"}}, "clusters.apps",
         "The add-on weave is not known"),
        (PODS | {f"{APPS}endpoint": {"allow": ["203.0.113.0/24"]}}, "clusters.apps.endpoint.allow[0]",
         "203.0.113.0/24 comes over the internet"),
        (PODS | {f"{APPS}pods": {"cidr": "10.99.0.0/18"}}, "clusters.apps.pods.cidr",
         "10.99.0.0/18 is no range for pods."),
        (PODS | {f"{APPS}pods": {"cidr": "100.64.0.0/18"}, "clusters__more": CLUSTER | {
          "pods": {"cidr": "100.65.0.0/18"}}}, "clusters.more.pods.cidr", "apps already has a range for pods"),
        (PODS | {f"{APPS}pods": {"cidr": "100.64.0.0/18"}, "clusters__more": CLUSTER | {"network": "main",
          "pods": {"cidr": "100.65.0.0/18"}}}, "clusters.more.pods.cidr", "apps already has a range for pods"),
        (PODS | {"buckets__apps-general": {}}, "clusters.apps.nodes.general", "The nodes general of apps are"),
        ({"name": "a-rather-long-name-for-a-shop", "load_balancers__front__access_logs": False,
          "buckets__pictures-of-everything-we-sell": {}},
         "buckets.pictures-of-everything-we-sell", "The name of the bucket"),
    ],
)  # fmt: skip
def test_it_is_refused_where_it_stands(changes, place, what):
    found = problems(lambda: source(**changes))

    assert [(where, said[: len(what)]) for where, said, _ in found] == [(place, what)]
    assert all(line > 1 for _, _, line in found)


@pytest.mark.parametrize(
    "changes",
    [
        ON_HOSTS | {f"{WEB}network": "main"},
        PODS | {f"{WEB}network": "main"},
        {"load_balancers__one": INSIDE | {"network": "main"}, "load_balancers__other": INSIDE,
         "gateways__door": {"routes": [{"path": "/a", "load_balancer": "one"},
                                       {"path": "/b", "load_balancer": "other"}]}},
    ],
)  # fmt: skip
def test_the_only_network_is_the_same_whether_it_is_named_or_not(changes):
    assert source(**changes).architecture.networks.keys() == {"main"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({f"{WEB}routes": [{"via": "front"}]}, "load_balancers.front.tls"),
        ({f"{WEB}port": None}, "services.web.routes"),
        ({"load_balancers__front": TCP | {"waf": True}}, "load_balancers.front.waf"),
        ({"load_balancers__front": TCP, f"{WEB}routes": [{"via": "front", "hosts": ["a.example.com"],
          "paths": ["/a"]}]}, "services.web.routes[0].paths"),
        ({"load_balancers__front": TCP | {"hosts": ["a.example.com"]}, f"{WEB}routes": []},
         "load_balancers.front"),
        ({"load_balancers__front": {"hosts": ["a.example.com"]}, f"{WEB}routes": [{"via": "front"}],
          "services__be": {"image": {"build": "."}, "port": 1, "routes": [{"via": "front"}]}},
         "services.be.routes[0]"),
        ({"databases__orders": {"engine": "aurora-postgres", **TINY}}, "databases.orders.instance"),
        ({"databases__orders": {"standby": "cluster", **TINY}, "networks__main__zones": 3},
         "databases.orders.instance"),
    ],
)  # fmt: skip
def test_what_checks_speak_of_is_not_built(changes, place):
    planned = plan(**changes)

    found = problems(lambda: build_graph(planned))

    assert [where for where, _, _ in found] == [place]


VPN = {"cidrs": ["172.18.0.0/16"], "gateway_ip": "203.0.113.10"}
HYBRID = {"networks": ["main"], "on_premises": VPN}


@pytest.mark.parametrize(
    ("changes", "place", "what"),
    [
        ({"region": "ap-north-1"}, "region", "The region ap-north-1 is not supported."),
        ({"name": "an-architecture-of-25-char", "environment": "production", "buckets": None, "services": None},
         "load_balancers", "The name of the bucket load-balancer-logs would have 69 characters"),
        ({"buckets__spare": {"region": "ap-northeast-9"}}, "buckets.spare.region", "The region ap-northeast-9"),
        ({"networks__main": {"letters": ["a", "f"]}}, "networks.main.letters",
         "ap-northeast-2 has the zones a, b"),
        ({"networks__main": {"letters": ["a", "c"], "zones": 3}}, "networks.main.letters",
         "letters names 2 zones, and zones says 3."),
        ({"networks__main": {"zones": 6}}, "networks.main.zones", "ap-northeast-2 has the zones a, b, c, d only."),
        ({"load_balancers__front": {"zones": 3}}, "load_balancers.front.zones", "front asks for 3 zones"),
        ({"databases__orders": {"zones": 3}}, "databases.orders.zones", "orders asks for 3 zones"),
        ({"transit": HYBRID | {"on_premises": VPN | {"gateway_ip": "banana"}}}, "transit.on_premises.gateway_ip",
         "banana is no address"),
        ({"transit": HYBRID | {"on_premises": VPN | {"gateway_ip": "10.0.0.1"}}}, "transit.on_premises.gateway_ip",
         "10.0.0.1 is no address"),
        ({"buckets__internet": {}}, "buckets.internet", "The name internet means everybody outside."),
        ({"records__front": {"name": "old.example.com", "addresses": ["203.0.113.1"]}}, "records.front",
         "The name front already stands in load_balancers."),
        ({"transit": HYBRID, "migrations__orders": MIGRATION},
         "migrations.orders", "The name orders already stands in databases."),
        ({"services__web__volume": {"path": "/data"}, "services__web-volume": {"image": {"build": "."}}},
         "services.web.volume", "The name web-volume already stands in services."),
        ({"alarms__off": ["latencies"]}, "alarms.off[0]", "There is no alarm latencies."),
        ({"alarms__off": ["front.banana"]}, "alarms.off[0]", "There is no alarm front.banana."),
        ({"databases__orders": {"instance": "db.t4g.larg"}}, "databases.orders.instance", "This does not have"),
        ({"caches__fast": {"instance": "cache.t4g.nano"}}, "caches.fast.instance", "This does not have"),
        ({"servers__old": {"instance": "t4g.huge"}}, "servers.old.instance", "This does not have the right form."),
        ({"alarms__mail": ["nobody"]}, "alarms.mail[0]", "This does not have the right form."),
        ({"alarms__webhook": "http://a.example.com/"}, "alarms.webhook", "This does not have the right form."),
        ({"hours": {"timezone": "Asia/Seol"}}, "hours.timezone", "This is no time zone, such as Asia/Seoul"),
        ({"hours": {"days": "MON-SUN", "start": "08:00", "stop": "08:00"}}, "hours", "It would never stop"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_where_it_stands(changes, place, what):
    found = problems(lambda: source(**changes))

    assert [(where, said[: len(what)]) for where, said, _ in found] == [(place, what)]
    assert all(line > 1 for _, _, line in found)


@pytest.mark.parametrize("off", ["latency", "front", "front.latency", "orders.storage", "main"])
def test_an_alarm_is_turned_off_by_its_part_its_kind_or_both(off):
    assert source(alarms__off=[off]).architecture.alarms.off == (off,)

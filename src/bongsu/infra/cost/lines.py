"""Every line that a plan costs in a month: networks, entries, what runs. Pure.

Free tiers, discounts and taxes are not subtracted or added: the table's list prices are all there is.
"""

from bongsu.infra.cost.clusters import cluster_lines
from bongsu.infra.cost.functions import function_lines
from bongsu.infra.cost.kept import kept_lines
from bongsu.infra.cost.line import HOURS, Bill, Line
from bongsu.infra.cost.pipelines import pipeline_lines
from bongsu.infra.cost.prices import Prices
from bongsu.infra.cost.traffic import (
    ACCESS_LOG_BYTES,
    ACCESS_LOG_MONTHS,
    ALARMS,
    CACHED_SHARE,
    CROSS_ZONE_SHARE,
    FLOW_LOG_GB,
    IMAGE_GB,
    INNER_SHARE,
    TRANSIT_SHARE,
    WAF_RULES,
    Month,
)
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.traffic import LoadBalancer
from bongsu.infra.plan.flows import fronted_by
from bongsu.infra.plan.model import INTERNET, NetworkPlan, Part, Plan
from bongsu.infra.plan.placing import at_most, hosts_running, tenants

NAT_MACHINE, NAT_DISK_GIB = "t4g.nano", 8
SECONDS = HOURS * 3600
WRITING = ("services", "servers", "functions", "gateways", "clusters", "capacity")  # logs


def lines_of(plan: Plan, prices: Prices, month: Month) -> tuple[Line, ...]:
    bill = Bill(prices, plan.architecture.region)
    for network in plan.networks.values():
        _network(bill, network, month)
    _entries(bill, plan, month)
    for part in (*plan.of_section("services"), *plan.of_section("servers")):
        _workload(bill, part, month)
    cluster_lines(bill, plan, month)
    for part in plan.of_section("capacity"):
        _hosts(bill, plan, part, month)
    function_lines(bill, plan, month)
    pipeline_lines(bill, plan)
    kept_lines(bill, plan, month)
    _transit(bill, plan, month)
    _watching(bill, plan, month)
    return tuple(bill.lines)


def _network(bill: Bill, network: NetworkPlan, month: Month) -> None:
    here = (network.name, network.path)
    for nat in network.nats:
        if nat.kind == "instance":
            bill.add(*here, "ec2", NAT_MACHINE, HOURS)
            bill.add(*here, "ebs", "gp3", NAT_DISK_GIB)
        elif nat.zone is None:
            bill.add(*here, "vpc", "nat-regional", HOURS * len(network.zones))
        else:
            bill.add(f"{network.name}/{nat.zone}", network.path, "vpc", "nat", HOURS)
    gateways = any(nat.kind != "instance" for nat in network.nats)
    bill.add(*here, "vpc", "nat:gb", month.nat_gb if gateways else 0)
    bill.add(*here, "vpc", "public-ipv4", HOURS * _nat_addresses(network))
    interfaces = sum(not endpoint.gateway for endpoint in network.endpoints)
    bill.add(*here, "vpc", "endpoint", HOURS * interfaces * len(network.zones))
    bill.add(*here, "vpc", "endpoint:gb", month.log_gb if interfaces else 0)
    bill.add(*here, "cloudwatch", "logs", FLOW_LOG_GB if network.block.flow_logs else 0)


def _nat_addresses(network: NetworkPlan) -> int:
    """A regional gateway has one in every zone."""
    return sum(1 if nat.zone else len(network.zones) for nat in network.nats)


def _entries(bill: Bill, plan: Plan, month: Month) -> None:
    """All entries share the month's traffic; a load balancer behind a distribution sees what was not cached."""
    fronted = fronted_by(plan.architecture)
    for part in plan.of_section("load_balancers"):
        _load_balancer(bill, part, month, (1 - CACHED_SHARE) if fronted.get(part.name) else 1.0)
    for part in plan.of_section("distributions"):
        here = (part.name, part.path)
        bill.add(*here, "cloudfront", "gb", month.out_gb)
        bill.add(*here, "cloudfront", "requests", month.requests / 1e4)
        _access_log(bill, part, month.requests if part.block.access_logs else 0)
        if part.block.waf:
            _firewall(bill, part, month.requests_millions)
    for part in plan.of_section("gateways"):
        bill.add(part.name, part.path, "apigateway", "http", month.requests_millions)
    protected = [p for p in plan.of_section("distributions") if p.block.shield == "advanced"]
    if protected:  # one subscription for the whole organisation
        bill.add(protected[0].name, (*protected[0].path, "shield"), "shield", "advanced", 1)
    if not plan.of_section("distributions") and _talks_to_people(plan):
        bill.add("internet", (), "transfer", "out:gb", month.out_gb)


def _talks_to_people(plan: Plan) -> bool:
    """From the internet or over the company's line: nobody else reads what goes out."""
    transit = plan.architecture.transit
    return bool(plan.links_from(INTERNET) or (transit and transit.on_premises))


def _load_balancer(bill: Bill, part: Part, month: Month, share: float) -> None:
    here, block = (part.name, part.path), part.block
    bill.add(*here, "elb", block.kind, HOURS)
    bill.add(*here, "elb", f"{block.kind}:lcu", HOURS * _units(month, share))
    if block.public:
        bill.add(*here, "vpc", "public-ipv4", HOURS * len(part.zones))
    if not isinstance(block, LoadBalancer):
        return
    if block.logged:
        _access_log(bill, part, month.requests * share)
    if block.waf:
        _firewall(bill, part, month.requests_millions * share)


def _units(month: Month, share: float) -> float:
    """Capacity units at the month's mean: 25 new connections a second or 1 GB an hour, whichever is more."""
    return share * max(month.requests / SECONDS / 25, month.out_gb / HOURS)


def _access_log(bill: Bill, part: Part, requests: float) -> None:
    """In the architecture's own region, though distributions write to Virginia."""
    gb = requests * ACCESS_LOG_BYTES * ACCESS_LOG_MONTHS / 1e9
    bill.add(part.name, (*part.path, "access_logs"), "s3", "storage", gb)


def _firewall(bill: Bill, part: Part, millions: float) -> None:
    here = (part.name, (*part.path, "waf"))
    bill.add(*here, "waf", "acl", 1)
    bill.add(*here, "waf", "rule", WAF_RULES)
    bill.add(*here, "waf", "requests", millions)


def _workload(bill: Bill, part: Part, month: Month) -> None:
    """As many copies as `min` in quiet and usual months, as `max` in a busy one."""
    copies = part.most if month.level == "high" else part.copies
    here, block = (part.name, part.path), part.block
    if isinstance(block, Service):
        kind = f"{block.architecture}-spot" if block.spot else block.architecture
        vcpu_hours = HOURS * copies * block.cpu / 1024
        gb_hours = HOURS * copies * block.memory_mib / 1024
        if block.runs_on is None:
            bill.add(*here, "fargate", f"{kind}:vcpu", vcpu_hours, stops=True)
            bill.add(*here, "fargate", f"{kind}:gb", gb_hours, stops=True)
        bill.add(*here, "ecr", "storage", IMAGE_GB if block.image.build else 0)
    if isinstance(block, Servers):
        bill.add(*here, "ec2", block.instance, HOURS * copies, stops=True)
        bill.add(*here, "ebs", "gp3", block.disk_gib * copies, stops=True)
    bill.add(*here, "vpc", "public-ipv4", HOURS * copies if block.public_ip else 0, stops=True)


def _hosts(bill: Bill, plan: Plan, part: Part, month: Month) -> None:
    """As many as its tasks need; spot machines at the usual price, which they never pass."""
    here, block = (part.name, part.path), part.block
    services = tenants(plan.architecture, part.name).values()
    count = hosts_running(block, at_most(services)) if month.level == "high" else part.copies
    bill.add(*here, "ec2", block.instance, HOURS * count, stops=True)
    bill.add(*here, "ebs", "gp3", block.disk_gib * count, stops=True)
    bill.add(*here, "vpc", "public-ipv4", HOURS * count if block.public_ip else 0, stops=True)


def _transit(bill: Bill, plan: Plan, month: Month) -> None:
    transit = plan.architecture.transit
    if not transit:
        return
    here = ("transit", ("transit",))
    beyond = 1 if transit.on_premises else 0
    peers = sum(bool(peer.gateway) for peer in transit.peers.values())
    bill.add(*here, "tgw", "attachment", HOURS * (len(transit.networks) + beyond + peers))
    bill.add(*here, "tgw", "gb", month.out_gb * TRANSIT_SHARE)
    if transit.on_premises and transit.on_premises.by == "vpn":
        bill.add(*here, "vpn", "connection", HOURS)


def _watching(bill: Bill, plan: Plan, month: Month) -> None:
    architecture = plan.architecture
    alarms = sum(ALARMS.get(part.section, 0) for part in plan.parts.values())
    bill.add("watching", ("alarms",), "cloudwatch", "alarm", alarms)
    bill.add("watching", ("alarms",), "cloudwatch", "dashboard", 1 if alarms else 0)
    written = month.log_gb if any(plan.of_section(section) for section in WRITING) else 0
    bill.add("watching", (), "cloudwatch", "logs", written)
    bill.add("watching", (), "cloudwatch", "logs-kept", written)
    secrets = {
        name
        for _, _, block in architecture.users()
        for name in block.secrets.values()
        if not name.startswith("ssm:")
    }
    databases = len(architecture.databases)  # each has one for its master user
    bill.add("secrets", (), "secrets", "secret", len(secrets) + databases)
    if architecture.domain:
        bill.add("names", ("domain",), "route53", "zone", 1)
        bill.add("names", ("domain",), "route53", "queries", month.requests_millions)
    checked = sum(len(one.addresses) for one in architecture.records.values() if one.checked)
    bill.add("names", ("records",), "route53", "health-check", checked)
    crossing = month.out_gb * INNER_SHARE * CROSS_ZONE_SHARE if _spreads(plan) else 0
    bill.add("between zones", (), "transfer", "cross-zone:gb", crossing * 2)  # both sides pay


def _spreads(plan: Plan) -> bool:
    return any(len(network.zones) > 1 for network in plan.networks.values())

"""The systems as they are meant check clean; as they first were, exactly what was wrong is said."""

import pytest

from bongsu.infra.check.check import check_file
from bongsu.infra.plan.lock import Lock
from tests.infra.check.support import TODAY
from tests.infra.support import CASES, EXAMPLES

MISTAKEN = {
    "000-health-checking": [
        ("CAP003", "services.checker.memory_mib"),
        ("CICD01", "services.checker.image.tag"),
        ("CICD02", "pipelines.delivery.scan.refuse"),
        ("CICD03", "pipelines.delivery.test"),
        ("CICD04", "pipelines.delivery.environments.production.approval"),
        ("DB001", "databases.state.standby"),
        ("DB004", "databases.state.backup_days"),
        ("HA001", "services.checker.scale.min"),
        ("IAM003", "pipelines.delivery.branch"),
        ("LB004", "services.checker.health"),
        ("NAT001", "networks.main.nat"),
        ("NET001", "networks.main.cidr"),
        ("NET004", "networks.main.cidr"),
        ("OBS001", "alarms.mail"),
        ("OBS002", "alarms.probe"),
        ("SEC001", "services.checker.environment.DB_PASSWORD"),
        ("SEC002", "buckets.evidence.public"),
        ("SEC003", "load_balancers.front.waf"),
        ("SEC004", "load_balancers.front.tls"),
    ],
    "001-tasks": [
        ("CAP001", "capacity.hosts.instance"),
        ("CORS02", "gateways.door.cors"),
        ("EVT001", "functions.notify.dead_letters"),
        ("EVT001", "functions.notify.retries"),
        ("EVT002", "functions.notify.environment.BONGSU_MAIL_FROM"),
        ("EVT002", "mail.letters.domain"),
        ("GW001", "functions.sign-in.timeout_s"),
        ("HOST01", "capacity.hosts.managed"),
        ("IAM001", "services.api.grants"),
        ("IAM001", "services.api.grants"),
        ("LB001", "services.api.container_port"),
        ("LB002", "services.api.health.port"),
        ("LB006", "load_balancers.front.public"),
        ("NET006", "capacity.hosts.public_ip"),
        ("NET008", "services.api.uses.journal"),
        ("SG001", "capacity.hosts.ingress[0]"),
    ],
    "002-containers": [
        ("CAP001", "servers.jenkins.instance"),
        ("CAP002", "capacity.hosts.scale"),
        ("CICD01", "services.back.image.tag"),
        *[("CORS01", f"services.{name}.routes[0].hosts") for name in ("ai", "ai", "back", "back")],
        ("CORS04", "services.ai.environment.CORS_ORIGINS"),
        ("HA001", "servers.jenkins.scale.min"),
        ("HOST03", "capacity.hosts.drain"),
        (
            "LB004",
            "services.back.health",
        ),  # in production and in staging, where its route is another
        ("LB004", "services.back.health"),
        ("NAT002", "networks.main.nat"),
        ("NET010", "services.front.tier"),
        ("OBS001", "alarms.mail"),
        ("OBS002", "alarms.probe"),
        ("OBS003", "load_balancers.api.access_logs"),
        ("OPS003", "hours"),
        ("SEC001", "services.back.environment.DATABASE_URL"),
    ],
    "003-mobile": [
        ("CACHE01", "caches.recent.nodes"),
        ("CAP004", "clusters.apps.nodes.general.pods_per_node"),
        ("CICD01", "services.api.image.tag"),
        ("DB001", "databases.people.standby"),
        ("DB005", "databases.people.ingress[0]"),
        ("EDGE01", "distributions.img.default"),
        ("EKS001", "clusters.apps.endpoint.public"),
        ("EKS002", "clusters.apps.access"),
        ("EKS003", "clusters.apps.addons"),
        ("EKS004", "clusters.apps.encrypt_secrets"),
        ("EKS005", "clusters.apps.logs"),
        ("EKS006", "clusters.apps.nodes.general.spot"),
        ("EKS007", "clusters.apps.nodes.general.scale.min"),
        ("HA001", "services.api.scale.min"),
        ("IAM001", "services.api.grants"),
        ("LB004", "services.api.health"),
        ("NET001", "networks.main.cidr"),
        ("NET002", "networks.main.prefixes.app"),
        ("NET004", "networks.main.cidr"),
        ("NET005", "networks.main.growth.clusters"),
        ("NET005", "networks.main.growth.factor"),
        ("NET007", "clusters.apps.nodes.general"),
        ("NET011", "networks.main.endpoint_subnets"),
        ("OBS001", "alarms.mail"),
        ("OBS001", "alarms.off[0]"),
        ("OBS002", "alarms.probe"),
        ("SEC001", "services.api.environment.SIGNING_KEY"),
        ("SEC002", "buckets.pictures.public"),
    ],
    "004-hybrid": [
        ("CACHE01", "caches.sessions.nodes"),
        ("DB001", "databases.orders.standby"),
        ("DB005", "databases.orders.ingress[0]"),
        ("EDGE01", "distributions.cdn.default"),
        ("ENV002", "networks.main.cidr"),
        ("ENV002", "transit.peers.staging"),
        ("ENV003", "distributions.cdn.aliases"),
        ("ENV003", "records.www.name"),
        ("LB004", "servers.tomcat.health"),
        ("LB007", "records.www"),
        ("NAT002", "networks.main.nat"),
        ("NET010", "servers.apache.tier"),
        ("NET014", "transit.peers.staging"),
        ("OBS001", "alarms.mail"),
        ("OBS002", "alarms.probe"),
        ("OPS003", "hours"),
        ("SEC001", "servers.tomcat.environment.ORDERS_URL"),
        ("SEC002", "buckets.static.public"),
        ("SEC002", "distributions.cdn.origins.static.access_control"),
        ("SEC003", "distributions.cdn.waf"),
        ("SEC005", "distributions.cdn.tls"),
    ],
    "bongsu": [
        ("CAP003", "services.serve.memory_mib"),
        ("CICD01", "services.alarm.image.tag"),
        ("CICD01", "services.serve.image.tag"),
        ("CICD01", "services.watch.image.tag"),
        ("DB001", "databases.state.standby"),
        ("DB004", "databases.state.delete_protection"),
        ("DB005", "databases.state.ingress[3]"),
        ("ENV001", "services.alarm.secrets.BONGSU_DATABASE_URL"),
        ("ENV001", "services.alarm.secrets.BONGSU_MAIL_URL"),
        ("ENV001", "services.watch.secrets.BONGSU_LAKE_URL"),
        ("ENV002", "networks.main.cidr"),
        ("ENV003", "distributions.front.aliases"),
        ("ENV003", "load_balancers.web.hosts"),
        ("HA001", "services.alarm.scale.min"),
        ("HA001", "services.serve.scale.min"),
        ("HA001", "services.watch.scale.min"),
        ("IAM001", "services.alarm.grants"),
        ("LB004", "services.serve.health"),
        ("NAT001", "networks.main.nat"),
        ("NET014", "transit.peers.virginia"),
        ("OBS001", "alarms.mail"),
        ("OBS002", "alarms.probe"),
        ("OPS003", "hours"),
        ("SEC001", "services.alarm.environment.BONGSU_SECRET_KEY"),
        ("SEC001", "services.serve.environment.BONGSU_SECRET_KEY"),
        ("SEC001", "services.watch.environment.BONGSU_DATABASE_URL"),
        ("SEC002", "buckets.evidence.public"),
    ],
}


def checked(name, environment=None):
    path = EXAMPLES / f"{name}.yaml"
    return check_file(path.name, path.read_bytes(), Lock(), TODAY, environment)


@pytest.mark.parametrize(("name", "environment"), CASES)
def test_what_is_meant_has_no_finding(name, environment):
    assert checked(name, environment).findings == ()


@pytest.mark.parametrize("name", MISTAKEN)
def test_every_mistake_of_the_first_form_is_found_and_nothing_else(name):
    found = checked(f"mistaken/{name}").findings

    assert sorted((one.id, one.at) for one in found) == MISTAKEN[name]


def test_every_mistaken_example_is_looked_at():
    assert {path.stem for path in (EXAMPLES / "mistaken").glob("*.yaml")} == set(MISTAKEN)


def test_one_environment_is_told_its_own_findings_only():
    """Production is not told what staging took from it."""
    found = {one.id for one in checked("mistaken/004-hybrid", "staging").findings}

    assert "ENV003" in found
    assert not found & {"DB001", "NET014", "CACHE01"}

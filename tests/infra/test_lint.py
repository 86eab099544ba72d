"""Every template that is rendered passes cfn-lint in its region, and the same file gives the same bytes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.rules import RulesCollection
from cfnlint.runner import Runner

from bongsu.infra.build.build import build_graph
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.render.cfn import Template, templates
from tests.infra.support import CASES, example, plan

# Warnings that are meant. Everything else fails.
MEANT = {
    "W3690": "as W3691, of clusters",
    "W3691": "a bare major version is taken for a retired one; RDS chooses a minor of it that is in force",
    "W3010": "zones are letters of the plan: a subnet must not move when the account's list of zones changes",
}
FRONT = {"via": "front"}
POSTGRES, AURORA = {"engine": "postgres"}, {"engine": "aurora-postgres"}
MYSQL, AURORA_MYSQL = {"engine": "mysql"}, {"engine": "aurora-mysql"}
CLUSTER = {"standby": "cluster"}
PIPELINE = {
    "repository": "team/shop",
    "test": "make test",
    "bongsu": ".",
    "builds": ["store", "job"],
    "environments": {"production": {}},
}
# Few variants of many choices: a template takes a second or two to be looked through.
VARIANTS: dict[str, dict[str, Any]] = {
    "every store, no nat": {
        "networks__main": {"zones": 3, "nat": "none"},
        "databases": {
            "orders": {"standby": "none"},
            "older": {**POSTGRES, "version": "16", "readers": 2},
            "three": {**POSTGRES, **CLUSTER, "instance": "db.m6gd.large", "readers": 1},
            "my": {**MYSQL, "readers": 1, "backup_days": 1, "public": True},
            "my-three": {**MYSQL, **CLUSTER, "instance": "db.m5d.large", "storage_gib": 500},
            "au": {**AURORA, "instance": "db.t4g.medium"},
            "my-au": {**AURORA_MYSQL, "instance": "db.r7g.large", "readers": 2},
        },
        "caches": {"sessions": {}, "one": {"nodes": 1}},
        "people": {},
        "events": {"news": {}, "brief": {"archive_days": None}},
        "mail": {
            "own": {"domain": "mail.example.com"},
            "abroad": {"domain": "example.org", "by_hand": True},
        },
        "topics": {"told": {}},
        "queues": {
            "jobs": {"on": [{"topic": "told", "filter": {"kind": ["small"]}}], "keep_days": 14},
            "held": {"dead_letters": False, "visibility_s": 90},
        },
        "streams": {"clicks": {}, "parted": {"shards": 2, "keep_hours": 48}},
        "push__phones": {
            "apns": {"bundle": "com.example.shop", "secret": "shop/apns", "sandbox": True},
            "fcm": {"secret": "shop/fcm"},
        },
        "services__web__uses": {
            "orders": "connect",
            "pictures": "write",
            "told": "send",
            "held": "receive",
            "parted": "read",
            "phones": "write",
        },
        "services__web__environment": {"ALL": "${told} ${held} ${parted} ${phones}"},
        "functions": {
            "pusher": {
                "handler": "a.handler",
                "on": [
                    {"queue": "jobs"},
                    {"stream": "clicks"},
                    {"topic": "told", "filter": {"kind": [{"prefix": "big"}]}},
                ],
                "uses": {"phones": "send", "held": "send", "parted": "write"},
            },
            "small": {
                "handler": "a.handler",
                "on": [{"bucket": "pictures", "prefix": "in/"}, {"schedule": "rate(5 minutes)"}],
                "uses": {"pictures": "write", "journal": "write", "news": "publish", "own": "send"},
                "environment": {"TABLE": "${journal}", "BUS": "${news}", "BUCKET": "${pictures}"},
            },
            "letters": {
                "handler": "a.b.handler",
                "architecture": "x86",
                "on": [
                    {"table": "journal", "changes": ["insert", "remove"]},
                    {"pattern": {"source": ["aws.health"]}},
                    {"pattern": {"detail-type": [{"prefix": "task."}]}, "bus": "news"},
                ],
            },
            "inner": {
                "handler": "a.handler",
                "network": "main",
                "uses": {"orders": "connect", "news": "publish"},
                "secrets": {"AA": "shop/a", "BB": "ssm:/shop/b", "CC": "${orders}"},
            },
            "plain": {
                "handler": "a.handler",
                "retries": 0,
                "dead_letters": False,
                "on": [{"table": "journal"}, {"bucket": "pictures"}],
            },
        },
        "tables": {
            "journal": {"sort": "at", "sort_type": "number", "expires": "gone", "stream": True},
            "bare": {"key_type": "binary", "recovery": False, "delete_protection": False},
        },
        "buckets": {
            "pictures": {"expire_days": 30, "versions": False},
            "open": {"public": True},
            "far": {"region": "us-west-2"},
        },
    },
    "every workload, a regional nat": {
        "networks__main": {"nat": "regional"},
        "caches": {"sessions": {}},
        "load_balancers": {
            "front": {"waf": True, "delete_protection": False},
            "inner": {"public": False, "tls": False},
            "tcp": {"kind": "network", "hosts": ["tcp.example.com"]},
            "plain": {"kind": "network", "tls": False, "public": False},
        },
        "functions__enter": {"handler": "a.handler"},
        "gateways": {
            "api": {
                "hosts": ["api.example.com", "*.api.example.com"],
                "routes": [
                    {"path": "/session", "methods": ["POST", "OPTIONS"], "function": "enter"},
                    {"path": "/in/{id}/*", "load_balancer": "inner"},
                    {"path": "/tcp", "load_balancer": "plain"},
                    {"path": "/*", "load_balancer": "front"},
                ],
                "cors": {"origins": ["https://example.com"], "expose": ["x-total"]},
            },
            "bare": {"routes": [{"path": "/*", "function": "enter"}], "access_logs": False},
        },
        "services": {
            "web": {
                "image": {"uri": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/a/b:1"},
                "port": 3000,
                "routes": [
                    FRONT | {"hosts": [f"h{number}.example.com" for number in range(7)]},
                    FRONT | {"hosts": ["*.example.com"], "paths": ["/a/*", "/b/*"]},
                    FRONT | {"paths": ["/c/*"], "sticky": True},
                    FRONT,
                ],
                "spot": True,
                "architecture": "x86",
                "environment": {"URL": "x://${sessions}/${orders}/${pictures}/${front}"},
                "secrets": {"A": "shop/a", "B": "ssm:/shop/b", "C": "${orders}"},
                "scale": {"min": 2, "max": 8, "requests_per_copy": 500},
            },
            "store": {
                "image": {"build": ".", "mutable": True},
                "port": 8080,
                "routes": [{"via": "inner"}, {"via": "tcp", "sticky": True}],
                "volume": {"path": "/data"},
                "scale": {"min": 1, "max": 1},
                "uses": {"pictures": "write"},
            },
            "job": {"image": {"build": "job"}, "command": ["run", "--for", "ever"]},
            "kept": {
                "image": {"build": "."},
                "runs_on": "hosts",
                "port": 8080,
                "cpu": 128,
                "memory_mib": 200,
                "routes": [FRONT | {"paths": ["/kept/*"]}],
                "volume": {"path": "/data"},
                "secrets": {"B": "ssm:/shop/b"},
            },
            "cheap": {"image": {"uri": "ghcr.io/shop/cheap:1"}, "runs_on": "borrowed"},
        },
        "capacity": {
            "hosts": {"protect": True, "rolling_spare": 0},
            "borrowed": {
                "instance": "c3.2xlarge",
                "image": "ami-0123456789abcdef0",
                "spot": True,
                "managed": False,
                "drain": False,
                "tier": "public",
                "public_ip": True,
            },
        },
        "people": {"account": "333333333333"},
        "pipelines": {
            "hub": PIPELINE | {"kind": "github", "repository_id": "42", "branch": "release/*"},
            "lab": PIPELINE | {"kind": "gitlab"},
            "host": PIPELINE | {"kind": "jenkins", "host": "old", "builds": ["store"]},
            "own": PIPELINE | {"kind": "codepipeline", "hosted": "gitlab"},
            "all": PIPELINE | {"kind": "codepipeline", "releases": "everything", "paused": True},
        },
        "servers__old": {
            "port": 8080,
            "image": "al2023-x86",
            "instance": "t3.small",
            "routes": [FRONT | {"paths": ["/old/*"]}, {"via": "plain"}],
            "setup": "setup.sh",
            "environment": {"HOME": "/srv", "DB": "x://${orders}/orders"},
            "secrets": {"A": "shop/a", "B": "ssm:/shop/b", "C": "${orders}"},
            "scale": {"min": 2, "max": 4, "requests_per_copy": 100},
            "uses": {"orders": "connect", "pictures": "read"},
        },
    },
}
NATS = ("single", "instance")


def lay_scripts(architecture: Architecture, root: Path) -> Path:
    """A repository with something in the place of every script."""
    for block in architecture.servers.values():
        if block.setup:
            path = root / block.setup
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('#!/bin/bash\necho "${HOSTNAME}" $(id -u)\n')
    return root


def rendered(planned, root: Path) -> tuple[Template, ...]:
    return templates(planned, build_graph(planned, lay_scripts(planned.architecture, root)))


def findings(template: Template) -> tuple[str, ...]:
    return tuple(f"{template.name}: {said}" for said in linted(template.text, template.region))


@cache
def linted(text: str, region: str) -> tuple[str, ...]:
    """Once for each text: variants share some of their stacks."""
    found = lint(text, rules=rules_of(region), config=ManualArgs(regions=[region]))
    return tuple(str(one) for one in found if one.rule.id not in MEANT)


@cache
def rules_of(region: str) -> RulesCollection:
    """Reading them takes as long as looking through a template."""
    return Runner(ConfigMixIn(regions=[region])).rules


@pytest.mark.parametrize(("name", "environment"), CASES)
def test_every_stack_of_every_example_passes(name, environment, tmp_path):
    planned = make_plan(example(name, environment).architecture)

    found = [said for one in rendered(planned, tmp_path) for said in findings(one)]

    assert found == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_choice_passes(variant, tmp_path):
    planned = plan(**VARIANTS[variant])

    found = [said for one in rendered(planned, tmp_path) for said in findings(one)]

    assert found == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_stack_waits_for_a_later_one(variant, tmp_path):
    seen: set[str] = set()

    for one in rendered(plan(**VARIANTS[variant]), tmp_path):
        assert set(one.needs.values()) <= seen
        seen.add(one.name)


@pytest.mark.parametrize(
    "database",
    [
        {"engine": "mysql"},
        {"engine": "mysql", "version": "8.0"},
        {"standby": "cluster", "instance": "db.m6gd.large"},
        {"standby": "cluster", "instance": "db.m6gd.large", "version": "16"},
    ],
)
def test_a_version_that_is_named_to_the_last_number_is_in_force(database, tmp_path):
    planned = plan(databases__orders=database, networks__main__zones=3)
    (data,) = [one for one in rendered(planned, tmp_path) if one.stack == "data"]

    found = lint(data.text, rules=rules_of(data.region), config=ManualArgs(regions=[data.region]))

    assert [str(one) for one in found if one.rule.id in ("W3690", "W3691")] == []


@pytest.mark.parametrize("nat", NATS)
def test_each_way_out_passes(nat):
    planned = plan(networks__main={"nat": nat})

    (network,) = (one for one in rendered(planned, Path()) if one.stack == "network")

    assert findings(network) == ()


def test_the_linter_does_find_what_is_wrong():
    wrong = {"Type": "AWS::S3::Bucket", "Properties": {"Nmae": "a"}}

    found = linted(json.dumps({"Resources": {"One": wrong}}), "ap-northeast-2")

    assert [said[1:6] for said in found] == ["E3002"]


@pytest.mark.parametrize(("name", "environment"), CASES)
def test_the_same_file_gives_the_same_bytes(name, environment, tmp_path):
    first, second = (
        [one.text for one in rendered(make_plan(example(name, environment).architecture), tmp_path)]
        for _ in range(2)
    )

    assert first == second

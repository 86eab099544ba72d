"""Manifests: valid for their version of Kubernetes, no gap in an update, no right and no secret too many."""

import subprocess

import pytest
import yaml

from bongsu.infra.build.build import build_graph
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.render.k8s import manifests
from bongsu.kit.errors import Invalid
from tests.infra.build.test_clusters import APART, ON
from tests.infra.check.mutations_clusters import CLUSTER
from tests.infra.support import SMALL, plan
from tests.infra.venvs import programs

ACCOUNT = {"account": "123456789012"}
OURS = {
    "SecretProviderClass",
    "TargetGroupBinding",
}  # kinds that other people's controllers brought
TAG = "4f2c1ab"
EVERYTHING = APART | ACCOUNT
# Beside it a job without a way in, and a service that only the other one calls.
CALLED = {
    "services__back": {
        "image": {"uri": "ghcr.io/shop/back:1.2"},
        "runs_on": "apps",
        "port": 9000,
        "scale": {"min": 2, "max": 2},
    },
    "services__web__uses": {"back": "connect", "pictures": "write"},
    "services__job": {"image": {"build": "job"}, "runs_on": "apps", "command": ["run", "--all"]},
}


def made(tag=TAG, **changes):
    """Documents by file and kind; of several of a kind the last."""
    found = {}
    for one in manifests(plan(**changes), tag):
        for document in yaml.safe_load_all(one.text):
            found[one.name, document["kind"]] = document
    return found


def pod(found, file="apps/web.yaml"):
    return found[file, "Deployment"]["spec"]["template"]["spec"]


def test_every_manifest_is_valid_for_its_version_of_kubernetes(tmp_path):
    files = [
        *manifests(plan(**EVERYTHING), TAG),
        *manifests(plan(**(ON | ACCOUNT | CALLED)), TAG),
    ]
    for number, one in enumerate(files):
        (tmp_path / f"{number}.yaml").write_text(one.text)
    command = [programs("kubernetes") / "kubernetes-validate", "-k", CLUSTER["version"], "--strict"]

    done = subprocess.run(
        [*command, *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )

    told = (done.stdout + done.stderr).splitlines()
    warned = {line.partition("kind ")[2].split()[0] for line in told if line.startswith("WARN")}
    assert done.returncode == 0, told
    assert warned == OURS
    assert len([line for line in told if line.startswith("INFO")]) > 20


def test_the_validator_does_find_what_is_wrong(tmp_path):
    found = made(**(ON | ACCOUNT))["apps/web.yaml", "Service"]
    found["spec"]["ports"][0]["port"] = "many"
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(found))
    command = [programs("kubernetes") / "kubernetes-validate", "--strict"]

    done = subprocess.run(
        [*command, tmp_path / "wrong.yaml"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1


def test_the_same_plan_gives_the_same_bytes_and_no_alias():
    one = [(file.name, file.text) for file in manifests(plan(**EVERYTHING), TAG)]
    two = [(file.name, file.text) for file in manifests(plan(**EVERYTHING), TAG)]

    assert one == two
    assert [name for name, _ in one] == ["apps/00-namespace.yaml", "apps/web.yaml"]
    assert not any("&id" in text for _, text in one)


def test_an_update_takes_no_pod_away_before_another_serves():
    found = made(**(ON | ACCOUNT), services__web__health={"path": "/healthz", "grace_s": 120})
    deployment = found["apps/web.yaml", "Deployment"]["spec"]

    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    (container,) = pod(found)["containers"]
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": 3000}
    begins = container["startupProbe"]
    assert begins["failureThreshold"] * begins["periodSeconds"] >= 120
    assert {"readinessProbe", "livenessProbe"} <= set(container)
    namespace = found["apps/00-namespace.yaml", "Namespace"]["metadata"]["labels"]
    assert namespace["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"


@pytest.mark.parametrize("deregistration_s", [0, 30, 300])
def test_a_pod_answers_until_its_load_balancer_has_let_it_go(deregistration_s):
    route = {"via": "front", "hosts": ["shop.example.com"], "deregistration_s": deregistration_s}

    spec = pod(made(**(ON | ACCOUNT), services__web__routes=[route]))

    sleeps_s = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert deregistration_s < sleeps_s < spec["terminationGracePeriodSeconds"]


def test_pods_are_spread_and_have_no_right_on_their_node():
    spec = pod(made(**EVERYTHING))

    keys = [one["topologyKey"] for one in spec["topologySpreadConstraints"]]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert spec["nodeSelector"] == {"kubernetes.io/arch": "arm64"}
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False


def test_the_account_and_the_namespace_are_those_of_the_role():
    """A role that another account asks for is not given: the two sides must agree."""
    planned = plan(**EVERYTHING)

    joined = build_graph(planned).resources["PodWeb"].properties
    account = made(**EVERYTHING)["apps/web.yaml", "ServiceAccount"]["metadata"]
    assert (joined["Namespace"], joined["ServiceAccount"]) == (
        account["namespace"],
        account["name"],
    )


def test_secrets_and_addresses_are_fetched_and_never_written():
    found = made(**EVERYTHING)
    asked = found["apps/web.yaml", "SecretProviderClass"]["spec"]
    objects = {
        one["objectAlias"]: one["objectName"]
        for one in yaml.safe_load(asked["parameters"]["objects"])
    }
    environment = {one["name"]: one for one in pod(found)["containers"][0]["env"]}

    graph = build_graph(plan(**EVERYTHING))
    assert objects == {
        "CACHE": graph.of_type("AWS::SSM::Parameter")[0].properties["Name"],
        "A": "shop/a",
        "B": "/shop/b",
        "C": graph.resources["SecretOfOrders"].properties["Name"],
    }
    assert environment["MODE"] == {"name": "MODE", "value": "fast"}
    for variable in objects:
        assert environment[variable]["valueFrom"]["secretKeyRef"]["key"] == variable
    kinds = {kind for _, kind in found}
    assert "Secret" not in kinds
    assert asked["parameters"]["usePodIdentity"] == "true"


def test_pods_join_the_target_group_that_cloudformation_makes():
    planned = plan(**EVERYTHING)
    (group,) = build_graph(planned).of_type("AWS::ElasticLoadBalancingV2::TargetGroup")

    binding = made(**EVERYTHING)["apps/web.yaml", "TargetGroupBinding"]

    assert binding["spec"]["targetGroupName"] == group.properties["Name"]
    assert binding["spec"]["targetType"] == group.properties["TargetType"] == "ip"
    assert "networking" not in binding["spec"]
    service = made(**EVERYTHING)["apps/web.yaml", "Service"]
    assert binding["spec"]["serviceRef"] == {"name": service["metadata"]["name"], "port": "main"}


def test_a_target_group_that_must_be_new_has_a_new_name():
    def names(**changes):
        return made(**(ON | ACCOUNT), **changes)["apps/web.yaml", "TargetGroupBinding"]["spec"]

    private = {"public": False, "tls": True, "waf": True}

    assert (
        len(
            {
                names()["targetGroupName"],
                names(services__web__port=3001)["targetGroupName"],
                names(load_balancers__front=private)["targetGroupName"],
            }
        )
        == 3
    )


def rules(found, way, file="apps/web.yaml"):
    """Ports by who is at the other end."""
    said = {}
    for rule in found[file, "NetworkPolicy"]["spec"][way]:
        for peer in rule["from" if way == "ingress" else "to"]:
            end = peer["ipBlock"]["cidr"] if "ipBlock" in peer else str(sorted(peer))
            said.setdefault(end, set()).update(one["port"] for one in rule.get("ports", []))
    return said


def test_a_pod_is_reached_by_its_load_balancer_and_reaches_what_it_uses():
    planned = plan(**EVERYTHING)
    network = planned.networks["main"]
    found = made(**EVERYTHING)

    assert rules(found, "ingress") == {str(one.cidr): {3000} for one in network.tier("public")}
    out = rules(found, "egress")
    for subnet in network.tier("data"):
        assert out[str(subnet.cidr)] == {5432, 6379}
    assert out["169.254.170.23/32"] == {80}
    assert out["['namespaceSelector', 'podSelector']"] == {53}
    assert out["0.0.0.0/0"] == {443}  # S3 and DynamoDB answer at addresses of AWS's own
    closed = found["apps/00-namespace.yaml", "NetworkPolicy"]["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_what_calls_nobody_outside_may_call_nobody_outside():
    found = made(**(ON | ACCOUNT | CALLED))

    assert "0.0.0.0/0" not in rules(found, "egress", "apps/job.yaml")
    assert rules(found, "ingress", "apps/job.yaml") == {}
    assert rules(found, "ingress", "apps/back.yaml") == {"['podSelector']": {9000}}
    assert ("apps/job.yaml", "Service") not in found
    assert pod(found, "apps/job.yaml")["containers"][0]["args"] == ["run", "--all"]
    assert ("apps/back.yaml", "HorizontalPodAutoscaler") not in found
    assert found["apps/back.yaml", "Deployment"]["spec"]["replicas"] == 2
    assert "replicas" not in found["apps/web.yaml", "Deployment"]["spec"]


def test_the_image_is_the_one_that_the_pipeline_pushed():
    found = made(**(ON | ACCOUNT | CALLED))

    registry = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
    images = [pod(found, f"apps/{one}.yaml")["containers"][0]["image"] for one in ("web", "back")]
    assert images == [f"{registry}/shop-production-web:{TAG}", "ghcr.io/shop/back:1.2"]


@pytest.mark.parametrize(
    ("changes", "tag", "said"),
    [
        ({}, TAG, "There is no cluster here"),
        (ON | ACCOUNT, None, "Which image does web run?"),
        (ON, TAG, "Manifests name the registry of an account"),
    ],
)
def test_what_nobody_said_is_asked_for(changes, tag, said):
    with pytest.raises(Invalid, match=said):
        manifests(plan(SMALL, **changes), tag)


def test_a_namespace_holds_pods_to_the_standard_of_the_clusters_own_version():
    labels = made(**EVERYTHING)["apps/00-namespace.yaml", "Namespace"]["metadata"]["labels"]

    version = Cluster.model_validate(CLUSTER).version
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["pod-security.kubernetes.io/enforce-version"] == f"v{version}"

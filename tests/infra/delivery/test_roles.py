"""Who may take the roles of a pipeline, and that they may do what a release needs and nothing else."""

import json
import re
from typing import Any

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.build.migrations import ACCOUNT_ROLES
from bongsu.infra.graph import Graph, Sub
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import read
from bongsu.kit.errors import Invalid
from tests.infra.build.test_migrations import LEGACY
from tests.infra.build.worked import properties
from tests.infra.check.mutations_clusters import PODS
from tests.infra.delivery.support import PRODUCTION, STAGING, written
from tests.infra.render.views import schema

OTHER = {"image": {"build": "other"}, "port": 8080, "architecture": "x86"}
SECOND = {"kind": "gitlab", "repository": "a/b", "bongsu": ".", "environments": {"staging": {}}}
HUB = "token.actions.githubusercontent.com"


def planned(kind: str, changes: dict[str, Any] | None = None, environment: str = "production"):
    source = read("architecture.yaml", written(kind, changes).encode(), environment)
    return make_plan(source.architecture)


def built(
    kind: str, changes: dict[str, Any] | None = None, environment: str = "production"
) -> Graph:
    return build_graph(planned(kind, changes, environment))


def trust(graph: Graph, word: str) -> dict[str, Any]:
    (statement,) = properties(graph, f"DeliveryDelivery{word}")["AssumeRolePolicyDocument"][
        "Statement"
    ]
    return statement


def rights(graph: Graph, id: str) -> list[dict[str, Any]]:  # noqa: A002
    return [
        one
        for policy in properties(graph, id)["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
    ]


def plain(value: Any) -> str:
    """What a pointer or a text says."""
    return value.text if isinstance(value, Sub) else str(value)


def test_github_pushes_from_one_branch_and_releases_from_one_environment_of_it():
    graph = built("github", {".repository_id": "42"})

    push, release = (trust(graph, word)["Condition"] for word in ("Push", "Release"))
    assert (
        push["StringEquals"]
        == release["StringEquals"]
        == {
            f"{HUB}:aud": "sts.amazonaws.com",
            f"{HUB}:repository": "team/shop",
            f"{HUB}:repository_id": "42",
            f"{HUB}:ref": "refs/heads/main",
        }
    )
    assert push["StringLike"][f"{HUB}:sub"] == [
        "repo:team/shop:ref:refs/heads/main", "repo:team@*/shop@*:ref:refs/heads/main"
    ]  # fmt: skip
    assert release["StringLike"][f"{HUB}:sub"][0] == "repo:team/shop:environment:production"


def test_gitlab_does_both_from_one_branch_of_one_project():
    condition = trust(built("gitlab", {".url": "https://git.example.com"}), "Release")["Condition"]

    assert condition == {"StringEquals": {
        "git.example.com:aud": "https://git.example.com",
        "git.example.com:sub": "project_path:team/shop:ref_type:branch:ref:main",
    }}  # fmt: skip


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_pattern_of_branches_is_a_pattern_in_the_trust_and_the_check_says_so(kind):
    assert "*" in json.dumps(trust(built(kind, {".branch": "release/*"}), "Push")["Condition"])


def test_each_account_gets_one_way_in_and_nobody_takes_it_away():
    apart = [built("github", None, name) for name in ("staging", "production")]
    together = [built("github", {"accounts": None}, name) for name in ("staging", "production")]

    assert [len(one.of_type("AWS::IAM::OIDCProvider")) for one in apart] == [1, 1]
    assert [len(one.of_type("AWS::IAM::OIDCProvider")) for one in together] == [1, 0]
    assert apart[0].of_type("AWS::IAM::OIDCProvider")[0].keep == "retain"
    assert not built("github", {".provider": "exists"}).of_type("AWS::IAM::OIDCProvider")


def test_jenkins_acts_by_its_machine_which_may_take_these_roles_only():
    far, here = built("jenkins", None, "staging"), built("jenkins")

    one = trust(far, "Release")
    assert plain(one["Principal"]["AWS"]) == f"arn:${{AWS::Partition}}:iam::{PRODUCTION}:root"
    assert one["Condition"] == {"StringEquals": {"aws:PrincipalTag/Name": "shop-production-ci"}}
    role = properties(here, "ServerRoleCi")
    assert {"Key": "Name", "Value": "shop-production-ci"} in role["Tags"]
    (may,) = [one for one in rights(here, "ServerRoleCi") if one["Action"] == ["sts:AssumeRole"]]
    assert [plain(arn).rpartition("::")[2] for arn in may["Resource"]] == [
        f"{account}:role/shop-{environment}-delivery-{word}"
        for word in ("push", "release")
        for environment, account in (("staging", STAGING), ("production", PRODUCTION))
    ]


def test_codepipeline_stands_at_the_end_and_each_project_takes_one_role():
    graph, before = built("codepipeline"), built("codepipeline", None, "staging")

    assert not before.of_type("AWS::CodePipeline::Pipeline")
    (pipeline,) = graph.of_type("AWS::CodePipeline::Pipeline")
    stages = pipeline.properties["Stages"]
    assert [one["Name"] for one in stages] == ["Source", "Test", "Image", "Staging", "Production"]
    assert [one["ActionTypeId"]["Provider"] for one in stages[-1]["Actions"]] == [
        "Manual",
        "CodeBuild",
    ]
    for environment, account in (("staging", STAGING), ("production", PRODUCTION)):
        role = f"DeliveryDeliveryRoleTo{environment.capitalize()}"
        (may,) = [one for one in rights(graph, role) if one["Action"] == ["sts:AssumeRole"]]
        (arn,) = may["Resource"]
        assert plain(arn).endswith(f"{account}:role/shop-{environment}-delivery-release")
    assert not [
        one
        for one in rights(graph, "DeliveryDeliveryRoleTest")
        if "sts:AssumeRole" in one["Action"]
    ]
    told = trust(before, "Release")["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    assert plain(told).endswith(f"{PRODUCTION}:role/shop-production-delivery-to-staging")


def test_a_build_ends_with_its_first_failing_step():
    (spec,) = [
        json.loads(one.properties["Source"]["BuildSpec"])
        for one in built("codepipeline").of_type("AWS::CodeBuild::Project")
        if one.id.endswith("Build")
    ]

    steps = [
        one.split()[-1] if "push" not in one else "push"
        for one in spec["phases"]["build"]["commands"]
    ]
    assert steps == ["build", "scan", "push", "push"]
    assert all(phase["on-failure"] == "ABORT" for phase in spec["phases"].values())
    assert "post_build" not in spec["phases"]


def test_a_paused_pipeline_of_aws_hears_of_no_push():
    (started,) = built("codepipeline").of_type("AWS::CodePipeline::Pipeline")
    (paused,) = built("codepipeline", {".paused": True}).of_type("AWS::CodePipeline::Pipeline")

    assert started.properties["Triggers"][0]["GitConfiguration"]["Push"][0]["Branches"][
        "Includes"
    ] == ["main"]
    assert "Triggers" not in paused.properties


def test_a_release_may_change_the_stack_of_programs_and_no_other():
    found = rights(built("github"), "DeliveryDeliveryRelease")

    texts = {
        action: [plain(arn) for arn in one["Resource"]] for one in found for action in one["Action"]
    }
    assert texts["cloudformation:ExecuteChangeSet"] == [
        "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/shop-production-app/*"
    ]
    wide = {action for action, arns in texts.items() if arns == ["*"]}
    assert wide == {f"ecs:{verb}TaskDefinition" for verb in ("Register", "Deregister", "Describe")}
    assert {action for action in texts if action.startswith("iam:")} == {
        "iam:GetRole",
        "iam:PassRole",
    }


def test_pushing_opens_the_registries_of_the_pipeline_only():
    token, push = rights(built("github"), "DeliveryDeliveryPush")

    assert (token["Action"], token["Resource"]) == (["ecr:GetAuthorizationToken"], ["*"])
    assert [arn.id for arn in push["Resource"]] == ["RepositoryWeb"]


def test_even_one_that_may_do_everything_may_not_change_itself():
    (*_, deny) = rights(
        built("codepipeline", {".releases": "everything"}), "DeliveryDeliveryRelease"
    )

    assert (deny["Effect"], deny["Action"]) == ("Deny", "iam:*")
    assert plain(deny["Resource"]).endswith("role/shop-production-delivery-*")


def test_one_that_deploys_a_migration_may_look_for_the_roles_that_the_account_must_have():
    """The deployment asks for them first; what AWS gives to power users reads no role."""
    everything = {".releases": "everything"}
    moved = everything | {"migrations.legacy": LEGACY}

    (plain_one, with_migration) = (
        [
            plain(arn).rpartition("/")[2]
            for one in rights(built("codepipeline", changes), "DeliveryDeliveryRelease")
            if one["Effect"] == "Allow" and one["Action"] == ["iam:GetRole"]
            for arn in one["Resource"]
        ]
        for changes in (everything, moved)
    )
    assert plain_one == []
    assert with_migration == list(ACCOUNT_ROLES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({".environments": {"abroad": {}}}, "There is no environment abroad"),
        ({"accounts": {"abroad": STAGING}}, "There is no environment abroad"),
        ({"accounts": {"production": PRODUCTION}}, "Nobody says in which account staging is"),
        ({"account": STAGING}, "has two accounts"),
        ({".builds": ["ship"]}, "ship is no service whose image is built"),
        ({".builds": []}, "nothing that it could release"),
        ({".repository": "a/b/c"}, "OWNER/NAME"),
        ({".host": "web"}, "host is of Jenkins only"),
        ({".kind": "jenkins"}, "Jenkins acts in the role of its host"),
        ({".kind": "jenkins", ".host": "web"}, "There is no web in servers"),
        ({".kind": "codepipeline", ".branch": "*"}, "takes its source from one branch"),
        ({".kind": "gitlab", ".repository_id": "1"}, "repository_id is of GitHub only"),
        ({".bongsu": "bongsu"}, "Say which"),
        ({".test": None, ".retries": 3}, "retries"),
        ({"name": "a-very-long-name-of-something-it"}, "too long for the name of a role"),
        ({"siblings": ["a"]}, "siblings"),
        ({"services.other": OTHER}, "not built on one machine"),
        ({"pipelines.second": SECOND, ".kind": "gitlab"}, "would be the same file"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(changes, said):
    with pytest.raises(Invalid) as refused:
        planned("github", changes)
    assert [one for one in refused.value.problems if said in one.to("en") and (one.line or 0) > 0]


def test_the_role_that_starts_the_others_counts_too():
    """With short environments it has the longest name of all: 65 characters here, of 64."""
    one = {
        "kind": "codepipeline",
        "repository": "team/shop",
        "bongsu": ".",
        "environments": {"lab": {}},
    }
    name, pipeline = "trial-of-everything-we-sell", "all-that-we-have-shipped"
    text = written("github", {"name": name, "pipelines": {pipeline: one}, "environments.lab": {},
                              "accounts.lab": STAGING})  # fmt: skip
    with pytest.raises(Invalid) as refused:
        read("architecture.yaml", text.encode(), "lab")

    (problem,) = refused.value.problems
    assert f"{name}-lab-{pipeline}-pipeline is too long" in problem.to("en")


def test_every_environment_has_a_registry_of_its_own():
    """Images are pushed to each: production depends on no other account."""
    for environment in ("staging", "production"):
        (one,) = built("github", None, environment).of_type("AWS::ECR::Repository")
        assert one.properties["RepositoryName"] == f"shop-{environment}-web"


FUNCTION = {"functions.notify": {"handler": "a.handler"}}


def test_packages_go_into_the_architectures_own_bucket_and_functions_only():
    found = rights(built("github", FUNCTION), "DeliveryDeliveryRelease")

    texts = {
        action: [plain(arn) for arn in one["Resource"]] for one in found for action in one["Action"]
    }
    own = "shop-artefacts-${AWS::AccountId}-ap-northeast-2"
    assert texts["s3:PutObject"] == [f"arn:${{AWS::Partition}}:s3:::{own}/packages/*"]
    assert texts["lambda:UpdateFunctionCode"][0].endswith(":function:shop-production-app*")
    without = rights(built("github", FUNCTION | {".packages": False}), "DeliveryDeliveryRelease")
    assert not [one for one in without if "s3:PutObject" in one["Action"]]


def test_on_kubernetes_a_release_may_change_one_namespace():
    graph = built("github", PODS | {"environments.production.networks.main.cidr": None})

    (entry,) = [one for one in graph.of_type("AWS::EKS::AccessEntry") if one.path[0] == "pipelines"]
    (policy,) = entry.properties["AccessPolicies"]
    assert policy["AccessScope"] == {"Type": "namespace", "Namespaces": ["shop"]}
    assert plain(policy["PolicyArn"]).endswith("/AmazonEKSEditPolicy")
    found = rights(graph, "DeliveryDeliveryRelease")
    (seen,) = [one for one in found if one["Action"] == ["eks:DescribeCluster"]]
    assert plain(seen["Resource"][0]).endswith(":cluster/shop-production-apps")


# What the registry lists for an update, and no release calls: nothing of it changes but code, image and task.
NOT_CHANGED = re.compile(
    r"^(ec2|elasticfilesystem|s3files|kms):|^lambda:(Put|Delete|Pass|Publish|Tag|Untag|Associate|GetCodeSigningConfig"
    r"|UpdateFunctionConfiguration)"
)


@pytest.mark.parametrize(
    ("type", "handlers"),
    [
        (
            "AWS::ECS::TaskDefinition",
            ("create", "read", "update", "delete"),
        ),  # a changed task is a new one
        ("AWS::ECS::Service", ("read", "update")),
        ("AWS::Lambda::Function", ("read", "update")),
    ],
)
def test_a_release_has_the_rights_that_cloudformations_registry_lists(type, handlers):  # noqa: A002
    found = rights(built("github", FUNCTION), "DeliveryDeliveryRelease")
    given = {action for one in found for action in one["Action"]}

    listed = schema(type)["handlers"]
    needed = {action for handler in handlers for action in listed[handler]["permissions"]}

    assert {action for action in needed if not NOT_CHANGED.search(action)} <= given

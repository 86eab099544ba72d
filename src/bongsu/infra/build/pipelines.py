"""What a pipeline may do here: a role that pushes images, one that releases them, and GitHub's or GitLab's way in.

They stand in the stack `data`: a release changes the stack `app` only, so no pipeline changes its own rights.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bongsu.infra.artefact_names import bucket_name
from bongsu.infra.build import codepipeline
from bongsu.infra.build.cluster_roles import cluster
from bongsu.infra.build.images import repository
from bongsu.infra.build.migrations import ACCOUNT_ROLES
from bongsu.infra.build.policies import Statement, allow, document, inline
from bongsu.infra.build.site import Site
from bongsu.infra.build.trust import BY_TOKEN, audience, issuer, role_arns, trust
from bongsu.infra.delivery.delivery import PUSH, RELEASE, cluster_of, role_name
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.delivery import Pipeline

PUSHES = (
    "BatchCheckLayerAvailability",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
    "PutImage",
    "BatchGetImage",
    "DescribeImages",
)
STACK = (
    "CreateChangeSet",
    "DescribeChangeSet",
    "ExecuteChangeSet",
    "DeleteChangeSet",
    "DescribeStacks",
    "DescribeStackEvents",
    "GetTemplate",
)
# What CloudFormation asks for when nothing but code, image or task changes, by the registry's own lists.
CODE = (
    "UpdateFunctionCode", "GetFunction", "GetFunctionConfiguration", "GetFunctionCodeSigningConfig",
    "GetFunctionRecursionConfig", "GetRuntimeManagementConfig", "GetFunctionScalingConfig",
)  # fmt: skip
SERVICE = (
    "UpdateService", "DescribeServices", "ListServiceDeployments", "DescribeServiceDeployments",
    "StopServiceDeployment", "ListTagsForResource", "TagResource", "UntagResource",
)  # fmt: skip
PACKAGES, ACCOUNT = "packages/", "0" * 12  # stands for the account in a name
TASKS = ("RegisterTaskDefinition", "DeregisterTaskDefinition", "DescribeTaskDefinition")
NAME_KEPT = 24  # characters of a stack's name that CloudFormation keeps in the names that it makes
ROLES = (
    "CreateRole", "DeleteRole", "GetRole", "TagRole", "UntagRole", "UpdateRole", "UpdateAssumeRolePolicy",
    "PutRolePolicy", "DeleteRolePolicy", "GetRolePolicy", "ListRolePolicies", "ListAttachedRolePolicies",
    "AttachRolePolicy", "DetachRolePolicy", "PassRole", "CreateInstanceProfile", "DeleteInstanceProfile",
    "GetInstanceProfile", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile",
)  # fmt: skip
POWER = "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"


def build(site: Site) -> None:
    for name, pipeline in site.architecture.pipelines.items():
        here = site.architecture.environment
        if here not in pipeline.environments:
            continue
        way = _provider(site, name, pipeline)
        built = site.architecture.built_by(pipeline)
        if built:
            _role(site, name, pipeline, PUSH, {"push": _pushes(built)}, way)
        _release(site, name, pipeline, way)
        if pipeline.kind == "codepipeline" and pipeline.home == here:
            codepipeline.build(site, name, pipeline)


def may_deliver(site: Site, host: str) -> list[Statement]:
    """Of the machine that Jenkins runs on: to take the roles of its pipelines, here and in other accounts."""
    arns: list[Sub] = []
    for name, pipeline in site.architecture.pipelines.items():
        if pipeline.host == host:
            arns += role_arns(site.architecture, name, pipeline, PUSH)
            arns += role_arns(site.architecture, name, pipeline, RELEASE)
    return [allow(["sts:AssumeRole"], arns)] if arns else []


# --- the way in


def _provider(site: Site, name: str, pipeline: Pipeline) -> Ref | None:
    """An account has one for each issuer: the first environment in it makes it, and nobody takes it away."""
    if pipeline.kind not in BY_TOKEN or pipeline.provider == "exists":
        return None
    host = issuer(pipeline)
    id = logical_id("provider-of", host)  # noqa: A001
    if id in site.graph.resources:
        return Ref(id)
    if site.architecture.environment != _first_in_account(site, host):
        return None
    values = {
        "Url": f"https://{host}",
        "ClientIdList": [audience(pipeline)],
        "Tags": site.tags(name),
    }
    path = ("pipelines", name)
    return site.add("data", id, "AWS::IAM::OIDCProvider", path, values, keep="retain")


def _first_in_account(site: Site, host: str) -> str:
    """Of all environments that pipelines of this issuer lead to."""
    architecture = site.architecture
    own = architecture.account_of(architecture.environment)
    led = dict.fromkeys(
        environment
        for one in architecture.pipelines.values()
        if one.kind in BY_TOKEN and issuer(one) == host
        for environment in one.environments
    )
    return next(one for one in led if architecture.account_of(one) == own)


# --- roles


def _role(
    site: Site,
    name: str,
    pipeline: Pipeline,
    word: str,
    policies: Mapping[str, Sequence[Statement]],
    way: Ref | None,
    managed: Sequence[Sub] = (),
) -> None:
    values: dict[str, Any] = {
        "RoleName": role_name(site.architecture.stem, name, word),
        "AssumeRolePolicyDocument": document(trust(site, name, pipeline, word)),
        "MaxSessionDuration": 3600,
        "ManagedPolicyArns": list(managed) or None,
        "Policies": inline(policies),
        "Tags": site.tags(name, word),
    }
    id = logical_id("delivery", name, word)  # noqa: A001
    after = [way.id] if way else []
    site.add("data", id, "AWS::IAM::Role", ("pipelines", name), values, after=after)


def _pushes(services: Sequence[str]) -> list[Statement]:
    """Into these registries only; the token that opens them has no narrower resource in AWS."""
    arns = [Att(repository(service).id, "Arn") for service in services]
    return [
        allow(["ecr:GetAuthorizationToken"], ["*"]),
        allow([f"ecr:{one}" for one in PUSHES], arns),
    ]


def _release(site: Site, name: str, pipeline: Pipeline, way: Ref | None) -> None:
    if pipeline.releases == "images":
        rights = [
            *_new_images(site),
            *_marks(site, pipeline),
            *_packages(site, pipeline),
            *_pods(site, pipeline),
        ]
        _role(site, name, pipeline, RELEASE, {"release": rights}, way)
    else:
        policies = {"roles": list(_everything(site, name))}
        _role(site, name, pipeline, RELEASE, policies, way, [Sub(POWER)])
    for service_cluster in _clusters(site, pipeline):
        _entry(site, name, service_cluster)


def _clusters(site: Site, pipeline: Pipeline) -> tuple[str, ...]:
    """Of Kubernetes, where something that it builds runs."""
    built = site.architecture.built_by(pipeline)
    found = (cluster_of(site.architecture, service) for service in built)
    return tuple(dict.fromkeys(one for one in found if one))


def _entry(site: Site, name: str, in_cluster: str) -> None:
    """The role may change what runs in the namespace of this architecture, and nothing else of the cluster."""
    policy = "arn:${AWS::Partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
    scope = {"Type": "namespace", "Namespaces": [site.architecture.name]}
    values = {
        "ClusterName": cluster(in_cluster),
        "PrincipalArn": Att(logical_id("delivery", name, RELEASE), "Arn"),
        "AccessPolicies": [{"PolicyArn": Sub(policy), "AccessScope": scope}],
        "Tags": site.tags(name, in_cluster),
    }
    id = logical_id("entry", in_cluster, "of-delivery", name)  # noqa: A001
    site.add("app", id, "AWS::EKS::AccessEntry", ("pipelines", name), values)


def _pods(site: Site, pipeline: Pipeline) -> Iterator[Statement]:
    arns = [site.account_arn(f"eks:cluster/{site.name(one)}") for one in _clusters(site, pipeline)]
    if arns:
        yield allow(["eks:DescribeCluster"], arns)


def _packages(site: Site, pipeline: Pipeline) -> Iterator[Statement]:
    """Packages into the architecture's own bucket under the hash of their content, then into the functions."""
    if not site.architecture.packaged_by(pipeline):
        return
    named = bucket_name(site.architecture.name, ACCOUNT, site.architecture.region)
    bucket = f"arn:${{AWS::Partition}}:s3:::{named.replace(ACCOUNT, '${AWS::AccountId}')}"
    yield allow(["s3:ListBucket", "s3:GetBucketPolicy"], [Sub(bucket)])
    objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    yield allow(objects, [Sub(f"{bucket}/{PACKAGES}*")])
    made = f"{site.architecture.stem}-app"[:NAME_KEPT]
    functions = [site.account_arn(f"lambda:function:{made}*")]
    yield allow([f"lambda:{one}" for one in CODE], functions)


def _new_images(site: Site) -> Iterator[Statement]:
    """The stack `app` with other images, and what CloudFormation then does with these rights: nothing else."""
    stack = f"{site.architecture.stem}-app"
    here, made = site.account_arn, f"{stack[:NAME_KEPT]}*"
    yield allow(
        [f"cloudformation:{one}" for one in STACK], [here(f"cloudformation:stack/{stack}/*")]
    )
    yield allow([f"ecs:{one}" for one in TASKS], ["*"])  # has no narrower resource in AWS
    definitions = here(f"ecs:task-definition/{site.architecture.stem}-*")
    tags = ["ecs:TagResource", "ecs:UntagResource", "ecs:ListTagsForResource"]
    yield allow(tags, [definitions])
    kinds = ("service", "service-deployment")
    services = [here(f"ecs:{kind}/{made}/*") for kind in kinds]
    yield allow([f"ecs:{one}" for one in SERVICE], services)
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    roles = Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{made}")
    yield allow(["iam:GetRole"], [roles])
    yield allow(["iam:PassRole"], [roles], passed)


def _marks(site: Site, pipeline: Pipeline) -> Iterator[Statement]:
    """What is released gets a tag more, so that it outlives later pushes."""
    built = site.architecture.built_by(pipeline)
    if built:
        arns = [Att(repository(service).id, "Arn") for service in built]
        yield allow(["ecr:BatchGetImage", "ecr:PutImage"], arns)


def _everything(site: Site, name: str) -> Iterator[Statement]:
    """Roles of this environment besides, but never those of the pipeline itself."""
    iam = "arn:${AWS::Partition}:iam::${AWS::AccountId}:"
    stem = site.architecture.stem
    mine = [Sub(f"{iam}{kind}/{stem[:NAME_KEPT]}*") for kind in ("role", "instance-profile")]
    yield allow([f"iam:{one}" for one in ROLES], mine)
    if site.architecture.migrations:  # which the deployment looks for before it begins
        yield allow(["iam:GetRole"], [Sub(f"{iam}role/{one}") for one in ACCOUNT_ROLES])
    yield {
        "Sid": "NotItself",
        "Effect": "Deny",
        "Action": "iam:*",
        "Resource": Sub(f"{iam}role/{stem}-{name}-*"),
    }

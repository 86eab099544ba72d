"""Roles that people take, only with a second factor, and groups whose members may take them and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.policies import Statement, allow, document, inline
from bongsu.infra.build.site import Site
from bongsu.infra.delivery.delivery import person_role_name, stem_of
from bongsu.infra.graph import Ref, Sub, logical_id
from bongsu.infra.model.people import People

PATH: Path = ("people",)
IAM = "arn:${AWS::Partition}:iam::${AWS::AccountId}:"
MANAGED = "arn:${AWS::Partition}:iam::aws:policy/"
# What AWS itself describes: names and states of everything, contents of nothing; and everything.
POLICIES: Mapping[str, Sequence[str]] = {
    "read": ("job-function/ViewOnlyAccess",),
    "operate": ("job-function/ViewOnlyAccess",),
    "administer": ("AdministratorAccess",),
}
HOURS = {"read": 8, "operate": 4, "administer": 1}  # that a person may stay in the role
LOOKS = (
    "cloudwatch:GetDashboard", "cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms",
    "cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "codepipeline:GetPipelineState",
    "codepipeline:ListPipelineExecutions", "ecs:DescribeServices", "ecs:DescribeTasks",
)  # fmt: skip
LOGS = ("logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery")
TAGGED = (
    "ecs:UpdateService", "ecs:StopTask", "autoscaling:SetDesiredCapacity", "autoscaling:StartInstanceRefresh",
    "autoscaling:TerminateInstanceInAutoScalingGroup", "ec2:RebootInstances", "rds:RebootDBInstance",
    "rds:FailoverDBCluster", "rds:StartDBInstance", "rds:StartDBCluster", "rds:StopDBInstance",
    "rds:StopDBCluster", "ssm:StartSession", "cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions",
)  # fmt: skip
DELIVERS = (
    "codepipeline:PutApprovalResult", "codepipeline:StartPipelineExecution",
    "codepipeline:DisableStageTransition", "codepipeline:EnableStageTransition",
)  # fmt: skip
# What a person without a second factor may still do: set one up, and show it.
UNPROVEN = (
    "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:GetMFADevice",
    "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
    "iam:ChangePassword", "iam:GetAccountPasswordPolicy",
)  # fmt: skip
OWN = (
    "iam:EnableMFADevice", "iam:GetUser", "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
    "iam:ChangePassword",
)  # fmt: skip
PROVEN = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def build(site: Site) -> None:
    people = site.architecture.people
    if people is None:
        return
    for role in people.roles:
        _role(site, people, role)
    environments = _grouped(site, people)
    if environments:
        own = _own_factor(site)
        for environment in environments:
            for role in people.roles:
                _group(site, environment, role, own)


def second_factor(people: People) -> dict[str, Any] | None:
    """The condition on whoever takes a role: proven in this session, and not too long ago."""
    if not people.mfa:
        return None
    age = {"NumericLessThan": {"aws:MultiFactorAuthAge": str(people.mfa_hours * 3600)}}
    return PROVEN | age


def _role(site: Site, people: People, role: str) -> None:
    account = people.account or "${AWS::AccountId}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": Sub(f"arn:${{AWS::Partition}}:iam::{account}:root")},
        "Action": "sts:AssumeRole",
    }
    condition = second_factor(people)
    values = {
        "RoleName": person_role_name(site.architecture.stem, role),
        "AssumeRolePolicyDocument": document(
            trust | ({"Condition": condition} if condition else {})
        ),
        "ManagedPolicyArns": [Sub(f"{MANAGED}{one}") for one in POLICIES[role]],
        "MaxSessionDuration": HOURS[role] * 3600,
        "Policies": inline({role: list(_rights(site, role))}),
        "Tags": site.tags("people", role),
    }
    site.add("data", logical_id("people", role), "AWS::IAM::Role", PATH, values)


def _rights(site: Site, role: str) -> Iterator[Statement]:
    """`operate`: what an incident asks for, on what carries this environment's tags."""
    if role == "administer":
        return
    stem = site.architecture.stem
    yield allow(LOOKS, ["*"])
    yield allow(LOGS, [site.account_arn(f"logs:log-group:/{stem}/*")])
    if role == "operate":
        named = {
            "aws:ResourceTag/bongsu:architecture": site.architecture.name,
            "aws:ResourceTag/bongsu:environment": site.architecture.environment,
        }
        yield allow(TAGGED, ["*"], {"StringEquals": named})
        yield allow(DELIVERS, [site.account_arn(f"codepipeline:{stem}-*")])
        session = Sub("arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:session/${!aws:userid}-*")
        yield allow(["ssm:TerminateSession", "ssm:ResumeSession"], [session])


# --- groups of the account where people have their users


def _grouped(site: Site, people: People) -> tuple[str, ...]:
    """Whose roles the groups that are made here lead to: each environment's own, unless people are elsewhere."""
    here, architecture = site.architecture.environment, site.architecture
    if people.account is None:
        return (here,)
    there = [one for one in architecture.siblings if architecture.account_of(one) == people.account]
    return architecture.siblings if there[:1] == [here] else ()


def _group(site: Site, environment: str, role: str, own: Ref) -> None:
    architecture = site.architecture
    account = architecture.account_of(environment) or "${AWS::AccountId}"
    name = person_role_name(stem_of(architecture, environment), role)
    arn = Sub(f"arn:${{AWS::Partition}}:iam::{account}:role/{name}")
    policy = {"PolicyName": "take", "PolicyDocument": document(allow(["sts:AssumeRole"], [arn]))}
    values = {"GroupName": name, "ManagedPolicyArns": [own], "Policies": [policy]}
    site.add("data", logical_id("group-of", environment, role), "AWS::IAM::Group", PATH, values)


def _own_factor(site: Site) -> Ref:
    """AWS's own example of it: everything is denied without a second factor, except setting one up."""
    mine = Sub(f"{IAM}user/${{!aws:username}}")
    devices = Sub(f"{IAM}mfa/*")
    without = {
        "Sid": "NothingWithoutSecondFactor",
        "Effect": "Deny",
        "NotAction": list(UNPROVEN),
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }
    policy = document(
        allow(["iam:ListVirtualMFADevices", "iam:GetAccountPasswordPolicy"], ["*"]),
        allow(["iam:CreateVirtualMFADevice"], [devices]),
        allow(OWN, [mine]),
        allow(["iam:DeactivateMFADevice"], [mine], PROVEN),
        without,
    )
    values = {
        "Description": "A second factor of one's own, and nothing without it",
        "PolicyDocument": policy,
    }
    return site.add("data", "OwnSecondFactor", "AWS::IAM::ManagedPolicy", PATH, values)

"""People's roles: taken with a second factor only, by groups that may do nothing else; root is told of."""

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Sub
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import read
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.delivery.support import PRODUCTION, STAGING, written
from tests.infra.support import graph

MFA = "aws:MultiFactorAuthPresent"


def built(environment, **people):
    text = written("github", {"people": people})
    return build_graph(make_plan(read("a.yaml", text.encode(), environment).architecture))


def plain(value):
    return value.text if isinstance(value, Sub) else str(value)


def trust(found, role):
    (statement,) = properties(found, f"People{role}")["AssumeRolePolicyDocument"]["Statement"]
    return statement


@pytest.mark.parametrize("role", ["Read", "Operate", "Administer"])
def test_every_role_asks_for_a_second_factor_of_this_day(role):
    assert trust(graph(people={}), role)["Condition"] == {
        "Bool": {MFA: "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "28800"},
    }


def test_without_a_second_factor_a_person_can_only_set_one_up():
    statements = properties(graph(people={}), "OwnSecondFactor")["PolicyDocument"]["Statement"]

    (deny,) = [one for one in statements if one["Effect"] == "Deny"]
    assert deny["Condition"] == {"BoolIfExists": {MFA: "false"}}
    allowed = set(deny["NotAction"])
    assert {"iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"} <= allowed
    assert not {
        action
        for action in allowed
        if "Deactivate" in action or "Delete" in action or "AccessKey" in action
    }
    (off,) = [one for one in statements if one.get("Action") == ["iam:DeactivateMFADevice"]]
    assert off["Condition"] == {"Bool": {MFA: "true"}}


def test_looking_reads_no_contents_and_operating_stays_in_its_environment():
    found = graph(people={})

    read_only = properties(found, "PeopleRead")
    assert [plain(arn) for arn in read_only["ManagedPolicyArns"]] == [
        "arn:${AWS::Partition}:iam::aws:policy/job-function/ViewOnlyAccess"
    ]
    actions = {
        a for one in read_only["Policies"][0]["PolicyDocument"]["Statement"] for a in one["Action"]
    }
    assert all(
        action.split(":")[1].startswith(("Get", "Describe", "List", "Filter", "StartQuery"))
        for action in actions
    )
    operate = properties(found, "PeopleOperate")["Policies"][0]["PolicyDocument"]["Statement"]
    (changes,) = [one for one in operate if "ecs:UpdateService" in one["Action"]]
    assert changes["Condition"]["StringEquals"] == {
        "aws:ResourceTag/bongsu:architecture": "shop",
        "aws:ResourceTag/bongsu:environment": "production",
    }
    assert not {
        a
        for one in operate
        for a in one["Action"]
        if a.split(":")[1].startswith(("Delete", "Create"))
    }


def test_a_group_may_take_one_role_and_nothing_else():
    group = properties(graph(people={}), "GroupOfProductionOperate")

    (policy,) = group["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    assert plain(statement["Resource"][0]).endswith("role/shop-production-people-operate")


def test_people_of_one_account_take_roles_in_the_others():
    staging, production = (built(name, account=PRODUCTION) for name in ("staging", "production"))

    assert (
        plain(trust(staging, "Read")["Principal"]["AWS"])
        == f"arn:${{AWS::Partition}}:iam::{PRODUCTION}:root"
    )
    assert not staging.of_type("AWS::IAM::Group")
    names = [one.properties["GroupName"] for one in production.of_type("AWS::IAM::Group")]
    assert len(names) == 6
    (policy,) = properties(production, "GroupOfStagingRead")["Policies"]
    arn = policy["PolicyDocument"]["Statement"][0]["Resource"][0]
    assert plain(arn) == f"arn:${{AWS::Partition}}:iam::{STAGING}:role/shop-staging-people-read"


def test_somebody_who_signs_in_as_root_is_told_of_from_where_root_signs_in():
    found = graph(people={})

    rule = found.resources["RootSignedIn"]
    assert rule.stack == "edge"
    assert rule.properties["EventPattern"]["detail"] == {"userIdentity": {"type": ["Root"]}}
    assert found.resources["RootTold1"].properties["Endpoint"] == "ops@example.com"
    assert properties(found, "Trail")["IsMultiRegionTrail"] is True


def test_an_account_gets_one_trail():
    def trails(text):
        plans = [
            make_plan(read("a.yaml", text.encode(), name).architecture)
            for name in ("production", "staging")
        ]
        return [len(build_graph(plan).of_type("AWS::CloudTrail::Trail")) for plan in plans]

    assert trails(written("github", {"people": {}})) == [1, 1]
    assert trails(written("github", {"people": {}, "accounts": None})) == [1, 0]
    assert trails(written("github", {"people": {"trail": "exists"}})) == [0, 0]


@pytest.mark.parametrize(
    ("people", "said"),
    [({"roles": ["own"]}, "people.roles"), ({"roles": []}, "people.roles"), ({"mfa_hours": 24}, "mfa_hours"),
     ({"account": "1"}, "people.account"), ({"keys": True}, "people.keys")],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(people, said):
    with pytest.raises(Invalid) as refused:
        graph(people=people)
    assert [one for one in refused.value.problems if said in one.where]


def test_a_role_whose_name_iam_would_not_take_is_refused_where_it_stands():
    long = "trial-of-everything-that-we-sell"
    changes = {"people": {}, f"environments.{long}": {}, f"accounts.{long}": STAGING}
    with pytest.raises(Invalid, match="cannot be used") as refused:
        read("a.yaml", written("github", changes | {"name": long}).encode(), long)

    (problem,) = [one for one in refused.value.problems if one.where == "people.roles"]
    assert f"{long}-{long}-people-administer is too long" in problem.to("en")
    assert (problem.line or 0) > 0

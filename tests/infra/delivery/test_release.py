"""A release changes images and nothing else; in the wrong account nothing is asked of AWS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.deployment import Deployment, Voice, Wishes
from bongsu.infra.deploy.release import Release
from bongsu.infra.deploy.state import Timing
from bongsu.kit.errors import Conflict, Invalid
from tests.infra.deploy.test_stacks import Told, standing
from tests.infra.support import plan

URI = "222222222222.dkr.ecr.ap-northeast-2.amazonaws.com/shop-production-web:0123abc"
OURS = "222222222222"
PARAMETERS = [{"ParameterKey": "ImageWeb"}, {"ParameterKey": "VpcMain"}]
CHANGE = {
    "ResourceChange": {
        "Action": "Modify",
        "LogicalResourceId": "ServiceWeb",
        "ResourceType": "AWS::ECS::Service",
        "Replacement": "False",
    }
}
NO_STACK = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "Stack does not exist"}}, "op"
)


def told(**answers: Any) -> Told:
    stands = standing("UPDATE_COMPLETE", Parameters=PARAMETERS)
    proposed = {"Status": "CREATE_COMPLETE", "Changes": [CHANGE]}
    return Told(**{
        "get_caller_identity": [{"Account": OURS}],
        "describe_stacks": [stands],
        "describe_change_set": [proposed],
        "describe_stack_events": [{"StackEvents": []}],
        "get_template": [{"TemplateBody": {"Resources": {}}}],
        "batch_get_image": [{"images": [{"imageManifest": "{}", "imageManifestMediaType": "m"}]}],
        **answers,
    })  # fmt: skip


def release(client: Told, images: dict[str, str], **changes: Any) -> bool:
    made = Release(plan(account=OURS, **changes), images, "run-1")
    return made.make(lambda *_: client, Voice(), Timing(sleep=lambda _: None))


def test_the_template_stays_and_only_the_image_is_another():
    client = told()

    assert release(client, {"web": URI}) is True

    (asked,) = [values for name, values in client.asked if name == "create_change_set"]
    assert asked["StackName"] == "shop-production-app"
    assert asked["UsePreviousTemplate"] is True
    assert "TemplateBody" not in asked
    assert asked["Parameters"] == [
        {"ParameterKey": "VpcMain", "UsePreviousValue": True},
        {"ParameterKey": "ImageWeb", "ParameterValue": URI},
    ]
    assert "execute_change_set" in client.names()


def test_what_is_released_is_marked_before_it_runs():
    client = told()

    release(client, {"web": URI})

    names = client.names()
    assert names.index("put_image") < names.index("execute_change_set")


def test_an_image_that_is_not_there_is_said_and_nothing_is_left_behind():
    client = told(batch_get_image=[{"images": []}])

    with pytest.raises(Invalid, match="Push it first"):
        release(client, {"web": URI})
    assert "delete_change_set" in client.names()
    assert "execute_change_set" not in client.names()


def test_what_runs_already_is_not_released_again():
    nothing = {
        "Status": "FAILED",
        "StatusReason": "The submitted information didn't contain changes.",
    }
    client = told(describe_change_set=[nothing])

    assert release(client, {"web": URI}) is False
    assert "execute_change_set" not in client.names()


def test_a_release_that_goes_back_fails_and_says_why():
    failed = {"EventId": "1", "LogicalResourceId": "ServiceWeb", "ResourceStatus": "UPDATE_FAILED",
              "ResourceStatusReason": "ECS Deployment Circuit Breaker was triggered"}  # fmt: skip
    before = standing("UPDATE_COMPLETE", Parameters=PARAMETERS)
    client = told(
        describe_stacks=[before, before, standing("UPDATE_ROLLBACK_COMPLETE")],
        describe_stack_events=[{"StackEvents": []}, {"StackEvents": [failed]}],
    )

    with pytest.raises(Conflict, match="Circuit Breaker was triggered"):
        release(client, {"web": URI})


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ({}, "Which image"),
        ({"ship": URI}, "ship is no service whose image is built"),
        ({"web": URI.replace("0123abc", "latest")}, "has no fixed version"),
        ({"web": "registry.example.com:5000/web"}, "has no fixed version"),
    ],
)
def test_what_cannot_be_released_is_refused_before_aws_is_asked(images, said):
    client = told()

    with pytest.raises(Invalid, match=said):
        release(client, images)
    assert client.asked == []


def test_a_digest_is_as_good_as_a_commit():
    assert release(told(), {"web": f"{URI.partition(':')[0]}@sha256:{'a' * 64}"})


def test_an_environment_that_was_never_deployed_is_said():
    with pytest.raises(Conflict, match="shop-production-app is not there"):
        release(told(describe_stacks=[NO_STACK]), {"web": URI})
    bare = standing("UPDATE_COMPLETE", Parameters=[])
    with pytest.raises(Invalid, match="has no parameter ImageWeb"):
        release(told(describe_stacks=[bare]), {"web": URI})


def test_a_release_that_would_replace_what_holds_data_is_taken_back():
    wrong = {"ResourceChange": CHANGE["ResourceChange"] | {
        "LogicalResourceId": "Pictures", "ResourceType": "AWS::S3::Bucket", "Replacement": "True"}}  # fmt: skip
    client = told(
        describe_change_set=[{"Status": "CREATE_COMPLETE", "Changes": [wrong]}],
        get_template=[{"TemplateBody": {"Resources": {"Pictures": {"Type": "AWS::S3::Bucket"}}}}],
    )

    with pytest.raises(Conflict):
        release(client, {"web": URI})
    assert "delete_change_set" in client.names()
    assert "execute_change_set" not in client.names()


# --- the account


ELSEWHERE = [{"Account": "999999999999"}]


def test_credentials_of_another_account_change_nothing():
    client = told(get_caller_identity=ELSEWHERE)

    with pytest.raises(
        Conflict, match="lives in the account 222222222222, and these credentials are of 9999"
    ):
        release(client, {"web": URI})
    assert client.names() == ["get_caller_identity"]


@pytest.mark.parametrize("way", ["preview", "deploy", "delete", "drift"])
def test_every_way_to_a_deployment_asks_whose_credentials_it_has(way):
    made = plan(accounts={"production": OURS})
    client = told(get_caller_identity=ELSEWHERE)
    deployment = Deployment(made, build_graph(made), lambda *_: client)

    with pytest.raises(Conflict, match="Nothing was changed"):
        getattr(deployment, way)(*(() if way == "drift" else (Wishes("run-1"),)))
    assert client.names() == ["get_caller_identity"]


def test_where_the_file_names_no_account_nobody_is_asked():
    client = told()
    Release(plan(), {"web": URI}, "run-1").make(
        lambda *_: client, Voice(), Timing(sleep=lambda _: None)
    )

    assert "get_caller_identity" not in client.names()


def test_a_package_of_a_function_is_two_parameters():
    known = [*PARAMETERS, {"ParameterKey": "CodeBucketNotify"}, {"ParameterKey": "CodeKeyNotify"}]
    client = told(describe_stacks=[standing("UPDATE_COMPLETE", Parameters=known)])
    given = {"web": URI, "notify": "s3://own/packages/notify/1.zip"}

    assert release(client, given, functions={"notify": {"handler": "a.handler"}})

    (asked,) = [values for name, values in client.asked if name == "create_change_set"]
    changed = {
        one["ParameterKey"]: one["ParameterValue"]
        for one in asked["Parameters"]
        if "ParameterValue" in one
    }
    assert changed == {
        "ImageWeb": URI,
        "CodeBucketNotify": "own",
        "CodeKeyNotify": "packages/notify/1.zip",
    }
    with pytest.raises(Invalid, match="Where is the code of notify"):
        release(told(), {"notify": "own"}, functions={"notify": {"handler": "a.handler"}})

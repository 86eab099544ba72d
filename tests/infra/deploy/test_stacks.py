"""One stack against a CloudFormation that answers as it is told: pages, failures, drift, patience."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.stacks import FILE_LIMIT_BYTES, Stacks, body_of
from bongsu.infra.deploy.state import Timing
from bongsu.infra.render.cfn import Template
from bongsu.kit.errors import Conflict, Invalid, Unavailable

NAME = "shop-data"
GONE = ClientError(
    {"Error": {"Code": "ValidationError", "Message": f"Stack with id {NAME} does not exist"}}, "op"
)
NO_UPDATES = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "No updates are to be performed."}}, "op"
)


class Told:
    """A client whose operations give the prepared answers in turn; the last one again and again."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.asked = answers, []

    def __getattr__(self, operation: str) -> Any:
        def answer(**values: Any) -> Any:
            self.asked.append((operation, values))
            given = self.answers.get(operation, [{}])
            one = given.pop(0) if len(given) > 1 else given[0]
            if isinstance(one, Exception):
                raise one
            return one

        return answer

    def names(self) -> list[str]:
        return [operation for operation, _ in self.asked]


def stacks(client: Told, **timing: Any) -> Stacks:
    timing = {"sleep": lambda _: None, **timing}
    shelf = Artefacts("shop", lambda service, region: client)
    return Stacks(lambda service, region: client, "ap-northeast-2", shelf, Timing(**timing))


def standing(status: str, **more: Any) -> dict[str, Any]:
    return {"Stacks": [{"StackStatus": status, **more}]}


def template(**body: Any) -> Template:
    return Template(NAME, "data", "ap-northeast-2", {"Resources": {}, **body}, {}, {})


def propose(client: Told) -> Any:
    return stacks(client).propose(template(), {"A": "1"}, {"t": "v"}, "run-1")


CHANGE = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "A", "ResourceType": "T"}}
MORE = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "B", "ResourceType": "T"}}


def test_every_page_of_the_changes_is_read():
    client = Told(
        describe_stacks=[GONE],
        describe_change_set=[
            {"Status": "CREATE_IN_PROGRESS"},
            {"Status": "CREATE_COMPLETE", "Changes": [CHANGE], "NextToken": "two"},
            {"Status": "CREATE_COMPLETE", "Changes": [MORE]},
        ],
    )

    assert [one.id for one in propose(client)] == ["A", "B"]
    asked = dict(client.asked)["create_change_set"]
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Parameters"] == [{"ParameterKey": "A", "ParameterValue": "1"}]


@pytest.mark.parametrize(
    "reason",
    ["The submitted information didn't contain changes.", "No updates are to be performed."],
)
def test_where_nothing_changes_nothing_is_left_behind(reason):
    client = Told(
        describe_stacks=[standing("UPDATE_COMPLETE")],
        describe_change_set=[{"Status": "FAILED", "StatusReason": reason}],
    )

    assert propose(client) == ()
    assert "delete_change_set" in client.names()
    assert "delete_stack" not in client.names()
    assert (
        propose(Told(describe_stacks=[standing("CREATE_COMPLETE")], create_change_set=[NO_UPDATES]))
        == ()
    )


def test_a_template_that_aws_refuses_is_said_and_its_empty_stack_taken_away():
    client = Told(
        describe_stacks=[GONE, standing("REVIEW_IN_PROGRESS")],
        describe_change_set=[
            {"Status": "FAILED", "StatusReason": "Unresolved resource dependencies [X]"}
        ],
    )

    with pytest.raises(
        Invalid, match=r"AWS refused shop-data: Unresolved resource dependencies \[X\]"
    ):
        propose(client)
    assert client.names()[-1] == "delete_stack"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("UPDATE_IN_PROGRESS", "being changed right now"),
        ("ROLLBACK_COMPLETE", "Delete it and deploy again"),
        ("UPDATE_ROLLBACK_FAILED", "got stuck"),
    ],
)
def test_a_stack_that_cannot_be_changed_now_is_not_touched(status, said):
    client = Told(describe_stacks=[standing(status)])

    with pytest.raises(Conflict, match=said):
        propose(client)
    assert client.names() == ["describe_stacks"]


def event(key: str, status: str, reason: str = "") -> dict[str, str]:
    return {
        "EventId": key,
        "LogicalResourceId": key,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_events_are_told_once_and_in_their_order_and_old_ones_not_at_all():
    old, one, two = (
        event("old", "CREATE_COMPLETE"),
        event("one", "CREATE_IN_PROGRESS"),
        event("two", "CREATE_COMPLETE"),
    )
    client = Told(
        describe_stacks=[
            standing("UPDATE_IN_PROGRESS"),
            standing("UPDATE_COMPLETE", Outputs=[{"OutputKey": "A", "OutputValue": "1"}]),
        ],
        describe_stack_events=[
            {"StackEvents": [old]},
            {"StackEvents": [one, old]},
            {"StackEvents": [two, one, old]},
        ],
    )
    told = []

    done = stacks(client).execute(NAME, "run-1", lambda one: told.append(one.id))

    assert told == ["one", "two"]
    assert done.outputs == {"A": "1"}


def test_what_a_failed_deployment_made_goes_again_so_that_the_next_one_finds_its_names_free():
    client = Told(
        describe_stacks=[standing("CREATE_COMPLETE")], describe_stack_events=[{"StackEvents": []}]
    )

    stacks(client).execute(NAME, "run-1", lambda _: None)

    assert dict(client.asked)["execute_change_set"]["RetainExceptOnCreate"] is True


def test_a_failure_names_its_first_cause_and_not_what_was_cancelled_for_it():
    cause, other = (
        event("Db", "CREATE_FAILED", "No such class"),
        event("Web", "CREATE_FAILED", "Resource creation cancelled"),
    )
    client = Told(
        describe_stacks=[standing("ROLLBACK_IN_PROGRESS"), standing("ROLLBACK_COMPLETE")],
        describe_stack_events=[{"StackEvents": []}, {"StackEvents": [cause, other]}],
    )

    with pytest.raises(
        Conflict, match=r"shop-data failed \(ROLLBACK_COMPLETE\): Db: No such class"
    ):
        stacks(client).execute(NAME, "run-1", lambda _: None)


def test_waiting_ends():
    times = iter(range(0, 10**6, 2000))
    client = Told(
        describe_stacks=[standing("UPDATE_IN_PROGRESS")],
        describe_stack_events=[{"StackEvents": []}],
    )

    with pytest.raises(Conflict, match="is not done after 10800 s"):
        stacks(client, now=lambda: next(times)).execute(NAME, "run-1", lambda _: None)


def test_a_stack_that_disappears_meanwhile_is_said():
    client = Told(describe_stacks=[GONE], describe_stack_events=[{"StackEvents": []}])

    with pytest.raises(Conflict, match="shop-data is gone"):
        stacks(client).execute(NAME, "run-1", lambda _: None)


def test_a_deletion_that_fails_says_what_stays():
    stuck = event("Bucket", "DELETE_FAILED", "The bucket is not empty")
    client = Told(
        describe_stacks=[standing("DELETE_IN_PROGRESS"), standing("DELETE_FAILED")],
        describe_stack_events=[{"StackEvents": []}, {"StackEvents": [stuck]}],
    )

    with pytest.raises(Conflict, match="Bucket: The bucket is not empty"):
        stacks(client).delete(NAME, lambda _: None)


def test_drift_names_the_property_and_both_values():
    difference = {"PropertyPath": "/MinSize", "ExpectedValue": "2", "ActualValue": "0"}
    client = Told(
        detect_stack_drift=[{"StackDriftDetectionId": "1"}],
        describe_stack_drift_detection_status=[
            {"DetectionStatus": "DETECTION_IN_PROGRESS"},
            {"DetectionStatus": "DETECTION_COMPLETE"},
        ],
        describe_stack_resource_drifts=[
            {
                "StackResourceDrifts": [
                    {"LogicalResourceId": "Web", "ResourceType": "T", "StackResourceDriftStatus": "MODIFIED",
                     "PropertyDifferences": [difference]},
                    {"LogicalResourceId": "Gone", "ResourceType": "T", "StackResourceDriftStatus": "DELETED"},
                ]
            }
        ],
    )  # fmt: skip

    changed, gone = stacks(client).drift(NAME)

    assert changed.differences == {"/MinSize": ("2", "0")}
    assert (gone.id, gone.status) == ("Gone", "DELETED")


def test_a_stack_that_was_deleted_does_not_stand():
    assert stacks(Told(describe_stacks=[standing("DELETE_COMPLETE")])).standing(NAME) is None
    assert stacks(Told(describe_stacks=[GONE])).standing(NAME) is None


def test_no_answer_is_not_a_refusal():
    away = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "op")

    with pytest.raises(Unavailable, match="Try again"):
        stacks(Told(describe_stacks=[away])).standing(NAME)
    with pytest.raises(Invalid, match=r"AWS refused shop-data: not you \(AccessDenied\)"):
        stacks(Told(describe_stacks=[denied])).standing(NAME)


def test_the_deployed_template_is_read_as_text_or_as_a_document():
    assert stacks(Told(get_template=[{"TemplateBody": '{"Resources": {}}'}])).template(NAME) == {
        "Resources": {}
    }
    assert stacks(Told(get_template=[{"TemplateBody": {"Resources": {}}}])).template(NAME) == {
        "Resources": {}
    }


def test_a_template_above_the_limit_is_refused_before_aws_is_asked():
    with pytest.raises(Invalid, match="Split the architecture"):
        body_of(template(Description="x" * FILE_LIMIT_BYTES))
    assert json.loads(body_of(template(Description="가"))) == {"Resources": {}, "Description": "가"}

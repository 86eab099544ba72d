"""What of a change set is dangerous, and how people are asked."""

import pytest

from bongsu.infra.deploy.changes import (
    Change,
    changes_of,
    dangers,
    foreseen,
    left_behind,
    refuse,
    removals,
    said_of,
)
from bongsu.kit.errors import Conflict

DATABASE = "AWS::RDS::DBInstance"


def template(**policies):
    return {
        "Resources": {
            key: {"Type": DATABASE, "DeletionPolicy": policy} for key, policy in policies.items()
        }
    }


@pytest.mark.parametrize(
    ("action", "kind", "replacement", "dangerous"),
    [
        ("Remove", DATABASE, "False", True),
        ("Modify", DATABASE, "True", True),
        ("Modify", DATABASE, "Conditional", True),
        ("Modify", DATABASE, "False", False),
        ("Add", DATABASE, "False", False),
        ("Remove", "AWS::EC2::SecurityGroup", "False", False),
        ("Modify", "AWS::EC2::Subnet", "True", False),
        ("Remove", "AWS::S3::Bucket", "False", True),
        ("Modify", "AWS::EFS::FileSystem", "True", True),
        ("Modify", "AWS::ElastiCache::ReplicationGroup", "True", True),
        ("Remove", "AWS::SecretsManager::Secret", "False", True),
    ],
)
def test_only_what_holds_data_and_would_be_lost_is_dangerous(action, kind, replacement, dangerous):
    change = Change("shop-data", action, "One", kind, replacement)

    assert bool(dangers([change], {})) is dangerous


def test_consent_is_given_by_the_logical_id_or_the_files_name_and_for_that_one_only():
    changes = [
        Change("shop-data", "Remove", key, DATABASE)
        for key in ("DatabaseOrders", "DatabaseOldOrders")
    ]
    names = {"DatabaseOrders": "orders"}

    assert [one.change.id for one in dangers(changes, {}, ["orders"], names)] == [
        "DatabaseOldOrders"
    ]
    assert [one.change.id for one in dangers(changes, {}, ["DatabaseOldOrders"], names)] == [
        "DatabaseOrders"
    ]


def test_the_refusal_says_what_is_lost_what_stays_and_the_word_of_consent():
    changes = [Change("shop-data", "Remove", key, DATABASE) for key in ("Gone", "Stays", "Saved")]
    changes.append(Change("shop-data", "Modify", "New", DATABASE, "True"))
    deployed = template(Stays="Retain", Saved="Snapshot")

    with pytest.raises(Conflict) as caught:
        refuse(dangers(changes, deployed))

    said = str(caught.value)
    assert "Gone in shop-data would be removed with all that is in it." in said
    assert "Stays would leave shop-data" in said
    assert "only a snapshot stays" in said
    assert "New in shop-data would be replaced by an empty one." in said
    assert said.endswith(
        "--replace-data Gone --replace-data Stays --replace-data Saved --replace-data New"
    )
    refuse(())


def test_two_templates_tell_what_is_certain():
    before, after = (
        template(Old="Delete", Same="Retain", Other="Delete"),
        template(Same="Retain", Other="Retain", New="Delete"),
    )

    found = {(one.action, one.id) for one in foreseen("s", before, after)}

    assert found == {("Remove", "Old"), ("Add", "New"), ("Modify", "Other")}


def test_a_stack_that_goes_takes_what_its_template_does_not_keep():
    deployed = template(Lost="Delete", Kept="Retain", Saved="Snapshot")

    assert [one.id for one in removals("s", deployed)] == ["Lost"]
    assert left_behind(deployed) == {"Kept": "Retain", "Saved": "Snapshot"}


def test_changes_are_read_as_aws_tells_them():
    told = [
        {
            "ResourceChange": {
                "Action": "Modify",
                "LogicalResourceId": "A",
                "ResourceType": "T",
                "Replacement": "True",
            }
        },
        {"ResourceChange": {"Action": "Add", "LogicalResourceId": "B", "ResourceType": "T"}},
        {"Type": "Hook"},
    ]

    assert changes_of("s", told) == (
        Change("s", "Modify", "A", "T", "True"),
        Change("s", "Add", "B", "T"),
    )


def test_every_change_is_one_line_for_people():
    kinds = [
        ("Add", "False"),
        ("Remove", "False"),
        ("Modify", "True"),
        ("Modify", "Conditional"),
        ("Modify", "False"),
    ]

    lines = [str(said_of(Change("s", action, "A", "T", how))) for action, how in kinds]

    assert len(set(lines)) == 5
    assert Change("s", "Add", "A", "T").to("en") == "add A (T)"

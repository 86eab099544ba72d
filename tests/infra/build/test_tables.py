"""Tables: kept, restorable, and each part may do with one only what it uses it for."""

import pytest

from bongsu.infra.cost.lines import lines_of
from bongsu.infra.cost.prices import load_prices
from bongsu.infra.cost.traffic import month
from bongsu.infra.draw.layout import layout
from bongsu.infra.drill.drill import drill, drill_all
from bongsu.infra.drill.losses import Loss
from bongsu.infra.graph import Att, Ref
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan

USED = {"tables__journal": {"sort": "sk"}, "services__web__uses__journal": "write"}


def rights(made, target):
    """Of the program of `web`, on one resource."""
    (use,) = [p for p in properties(made, "TaskRoleWeb")["Policies"] if p["PolicyName"] == "use"]
    statements = use["PolicyDocument"]["Statement"]
    return [name for one in statements if one["Resource"] == [target] for name in one["Action"]]


def test_a_table_is_kept_protected_and_restorable():
    found = graph(**USED).resources["TableJournal"]

    assert found.keep == "retain"
    assert found.stack == "data"
    assert found.properties["DeletionProtectionEnabled"]
    assert found.properties["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True
    }
    assert found.properties["BillingMode"] == "PAY_PER_REQUEST"
    assert "StreamSpecification" not in found.properties


def test_keys_expiry_and_stream_stand_as_the_file_says():
    table = {"key": "id", "key_type": "number", "sort": "at", "expires": "gone", "stream": True}

    found = properties(graph(tables__journal=table), "TableJournal")

    assert found["AttributeDefinitions"] == [
        {"AttributeName": "id", "AttributeType": "N"},
        {"AttributeName": "at", "AttributeType": "S"},
    ]
    assert [one["KeyType"] for one in found["KeySchema"]] == ["HASH", "RANGE"]
    assert found["TimeToLiveSpecification"] == {"AttributeName": "gone", "Enabled": True}
    assert found["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize(("access", "writes"), [("read", False), ("write", True)])
def test_a_part_may_do_with_a_table_what_it_uses_it_for(access, writes):
    made = graph(tables__journal={}, services__web__uses__journal=access)

    allowed = rights(made, Att("TableJournal", "Arn"))

    assert "dynamodb:Query" in allowed
    assert ("dynamodb:PutItem" in allowed) == writes
    assert not any("*" in name for name in allowed)


def test_its_name_is_told_by_a_pointer():
    made = graph(**USED, services__web__environment={"LOG": "${journal}"})

    (task,) = properties(made, "DefinitionWeb")["ContainerDefinitions"]

    assert task["Environment"][0]["Value"].values == {"Journal": Ref("TableJournal")}


def test_the_free_endpoint_is_chosen_where_a_table_is_used():
    used = plan(**USED).networks["main"].endpoints

    assert "dynamodb" in [one.service for one in used if one.gateway]
    assert "dynamodb" not in [one.service for one in plan().networks["main"].endpoints]


def test_it_is_paid_for_by_requests_and_by_what_it_keeps():
    lines = lines_of(plan(**USED), load_prices(), month("expected"))

    items = {one.item: one.usd for one in lines if one.part == "journal"}

    assert set(items) == {"write", "read", "storage", "recovery"}
    assert all(items.values())


def test_no_zone_takes_it_away_and_a_lost_way_to_it_is_said():
    made = plan(**USED)

    assert all(one.state != "down" for one in drill_all(made) if one.losses[0].kind == "zone")
    assert drill(made, [Loss("endpoint", "main/dynamodb")]).state == "degraded"


def test_it_is_drawn_beside_the_network():
    boxes = {box.part: box for box in layout(plan(**USED)).boxes}

    assert boxes["journal"].glyph == "table"
    assert boxes["journal"].zone is None


def test_one_attribute_is_not_both_keys():
    with pytest.raises(Invalid):
        plan(tables__journal={"key": "id", "sort": "id"})

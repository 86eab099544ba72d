"""Networks as they are built: whose way out leads where, and what a network without one still reaches."""

import pytest

from bongsu.infra.cost.lines import NAT_DISK_GIB
from bongsu.infra.graph import Att, Ref
from bongsu.kit.errors import Invalid
from tests.infra.support import graph

INSIDE = {  # a service that nobody reaches from outside: no public subnet
    "load_balancers": None,
    "services__web__routes": [],
    "alarms": {"mail": ["ops@example.com"]},
}


def one(made, type_):
    (found,) = made.of_type(type_)
    return found


def ways_out(made):
    """Route table → what its way to everywhere is."""
    return {
        route.properties["RouteTableId"].id: next(
            route.properties[key]
            for key in ("NatGatewayId", "InstanceId", "GatewayId")
            if key in route.properties
        )
        for route in made.of_type("AWS::EC2::Route")
    }


def test_each_zone_goes_out_by_its_own_nat():
    found = ways_out(graph())

    assert found == {
        "RoutesMainPublic": Ref("InternetMain"),
        "RoutesMainAppA": Ref("NatMainA"),
        "RoutesMainAppB": Ref("NatMainB"),
    }


def test_a_single_nat_serves_all_zones():
    found = ways_out(graph(networks__main__nat="single"))

    assert (found["RoutesMainAppA"], found["RoutesMainAppB"]) == (Ref("NatMainA"), Ref("NatMainA"))


def test_a_nat_instance_forwards_for_others_and_admits_the_network_only():
    made = graph(networks__main__nat="instance")

    machine = one(made, "AWS::EC2::Instance")
    rules = made.resources["GroupMainNat"].properties["SecurityGroupIngress"]
    assert machine.properties["SourceDestCheck"] is False
    assert [rule["CidrIp"] for rule in rules] == [made.resources["VpcMain"].properties["CidrBlock"]]
    assert ways_out(made)["RoutesMainAppB"] == Ref(machine.id)
    assert "masquerade" in machine.properties["UserData"]["Fn::Base64"]  # AWS takes nothing else
    assert machine.properties["MetadataOptions"]["HttpTokens"] == "required"
    disk = machine.properties["BlockDeviceMappings"][0]["Ebs"]
    assert disk == {"Encrypted": True, "VolumeSize": NAT_DISK_GIB, "VolumeType": "gp3"}  # as priced


def test_a_nat_instance_forwards_again_after_it_was_restarted():
    """User data runs once: rules that only `nft` knows are gone with the first restart."""
    start = one(graph(networks__main__nat="instance"), "AWS::EC2::Instance").properties["UserData"][
        "Fn::Base64"
    ]

    assert "masquerade" in start.partition("/etc/sysconfig/nftables.conf")[2]
    assert "systemctl enable --now nftables" in start
    assert "/etc/sysctl.d/90-nat.conf" in start


def test_a_regional_nat_has_its_internet_gateway_though_no_subnet_is_public():
    made = graph(networks__main__nat="regional", **INSIDE)

    nat, attached = one(made, "AWS::EC2::NatGateway"), one(made, "AWS::EC2::VPCGatewayAttachment")
    assert nat.properties["AvailabilityMode"] == "regional"
    assert nat.after == (attached.id,)
    assert not any("Public" in name for name in made.resources)
    assert set(ways_out(made)) == {"RoutesMainAppA", "RoutesMainAppB"}


@pytest.mark.parametrize("own", [True, False])
def test_without_a_nat_everything_that_is_called_has_an_endpoint(own):
    made = graph(networks__main={"nat": "none", "endpoint_subnets": own})

    endpoints = {
        one.properties["ServiceName"].rpartition(".")[2]: one
        for one in made.of_type("AWS::EC2::VPCEndpoint")
    }
    interface = endpoints["logs"].properties
    tier = "Endpoints" if own else "App"
    assert set(endpoints) == {"api", "dkr", "logs", "s3"}
    assert endpoints["s3"].properties["VpcEndpointType"] == "Gateway"
    assert interface["SubnetIds"] == [Ref(f"SubnetMain{tier}A"), Ref(f"SubnetMain{tier}B")]
    assert interface["SecurityGroupIds"] == [Att("GroupMainEndpoints", "GroupId")]
    assert not made.of_type("AWS::EC2::NatGateway")


def test_flow_logs_can_be_left_out():
    assert graph().of_type("AWS::EC2::FlowLog")
    assert not graph(networks__main__flow_logs=False).of_type("AWS::EC2::FlowLog")


def test_a_network_that_is_too_small_for_its_parts_is_refused_by_name():
    with pytest.raises(Invalid) as caught:
        graph(networks__main={"cidr": "10.1.0.0/28"})

    assert {one.where for one in caught.value.problems} == {"networks.main"}
    assert any("public/a (/27)" in str(one.what) for one in caught.value.problems)

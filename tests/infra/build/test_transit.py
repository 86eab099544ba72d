"""The gateway between networks: who hangs on it, and that every route table knows the ways."""

from bongsu.infra.build.transit import GATEWAY
from bongsu.infra.graph import Ref
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import plan

NETWORKS = {"main": {"cidr": "10.1.0.0/22"}, "other": {"cidr": "10.2.0.0/22"}}
CHANGES = {
    "networks": NETWORKS,
    "load_balancers__front__network": "main",
    "services__web__network": "main",
    "databases__orders__network": "main",
    "load_balancers__second": {"network": "other", "public": False},
}
VPN = {"cidrs": ["172.16.0.0/12"], "by": "vpn", "gateway_ip": "203.0.113.10"}


def changes(**transit):
    return {**CHANGES, "transit": {"networks": ["main", "other"], **transit}}


def graph(**changes):
    return alone(plan(**changes), "network", "transit")


def lint(**changes):
    return all_errors(plan(**changes), graph(**changes))


def ways(found):
    """Route table → what it sends to the gateway."""
    tables: dict[str, set[str]] = {}
    for one in found.of_type("AWS::EC2::Route"):
        if one.properties.get("TransitGatewayId") == Ref(GATEWAY):
            table = one.properties["RouteTableId"].id
            tables.setdefault(table, set()).add(one.properties["DestinationCidrBlock"])
    return tables


def test_every_route_table_of_a_network_knows_the_others_the_peers_and_the_data_centre():
    found = graph(**changes(peers={"old": {"cidr": "10.9.0.0/16"}}, on_premises=VPN))

    tables = {one.id for one in found.of_type("AWS::EC2::RouteTable")}
    assert set(ways(found)) == tables
    beyond = {"10.9.0.0/16", "172.16.0.0/12"}
    assert ways(found)["RoutesMainPublic"] == beyond | {"10.2.0.0/22"}
    assert ways(found)["RoutesOtherAppA"] == beyond | {"10.1.0.0/22"}


def test_a_route_waits_for_its_networks_attachment():
    found = graph(**changes())

    routes = [one for one in found.of_type("AWS::EC2::Route") if "To" in one.id]
    waits = {one.id.removeprefix("Routes")[:4]: one.after for one in routes}
    assert waits == {"Main": ("TransitMain",), "Othe": ("TransitOther",)}


def test_a_network_is_attached_in_each_of_its_zones():
    found = properties(graph(**changes()), "TransitMain")

    assert found["SubnetIds"] == [Ref("SubnetMainAppA"), Ref("SubnetMainAppB")]


def test_a_tunnel_learns_its_routes():
    found = graph(**changes(on_premises={**VPN, "asn": 4_200_000_000}))

    assert properties(found, "VpnConnection")["StaticRoutesOnly"] is False
    assert properties(found, "CustomerGateway")["BgpAsnExtended"] == 4_200_000_000


def test_a_leased_lines_gateway_is_told_the_networks_ranges():
    far = {"cidrs": ["172.16.0.0/12"], "by": "direct-connect",
           "connection": "11111111-2222-3333-4444-555555555555"}  # fmt: skip

    found = graph(**changes(on_premises=far))

    ranges = properties(found, "DirectConnectAssociation")["AllowedPrefixesToDirectConnectGateway"]
    assert ranges == ["10.1.0.0/22", "10.2.0.0/22"]
    assert lint(**changes(on_premises=far)) == []


def test_a_peer_with_a_gateway_of_its_own_is_asked_to_join():
    peer = {"cidr": "10.9.0.0/16", "gateway": "tgw-0123456789abcdef0", "region": "us-west-2"}

    found = properties(graph(**changes(peers={"far": peer})), "PeeringFar")

    assert (found["PeerRegion"], found["PeerAccountId"]) == ("us-west-2", Ref("AWS::AccountId"))
    assert lint(**changes(peers={"far": peer}, on_premises=VPN)) == []

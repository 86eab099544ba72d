"""One transit gateway: the networks on it, the ways to each other, to peers and to the data centre."""

from ipaddress import IPv4Network
from typing import Any

from bongsu.infra.build.network import route_table
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, logical_id
from bongsu.infra.model.network import OnPremises, Peer, Transit
from bongsu.infra.plan.model import NetworkPlan

PATH = ("transit",)
GATEWAY = "TransitGateway"


def build(site: Site) -> None:
    transit = site.architecture.transit
    if transit is None:
        return
    _gateway(site, transit)
    for name in transit.networks:
        _attach(site, site.plan.networks[name])
        _routes(site, site.plan.networks[name], beyond(site, transit, name))
    for name, peer in transit.peers.items():
        if peer.gateway:
            _peering(site, name, peer, peer.gateway)
    if transit.on_premises and transit.on_premises.by == "vpn":
        _vpn(site, transit.on_premises)
    elif transit.on_premises:
        _direct_connect(site, transit, transit.on_premises)


def beyond(site: Site, transit: Transit, network: str) -> dict[str, IPv4Network]:
    """What a network reaches through the gateway, by a name for the route."""
    found = {name: site.plan.networks[name].cidr for name in transit.networks if name != network}
    found |= {f"peer-{name}": peer.cidr for name, peer in transit.peers.items()}
    ours = transit.on_premises.cidrs if transit.on_premises else ()
    return found | {f"on-premises-{index}": cidr for index, cidr in enumerate(ours, 1)}


def _add(site: Site, id: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
    return site.add("network", id, type, PATH, values, **more)


def _gateway(site: Site, transit: Transit) -> None:
    """Every attachment uses and fills its one route table: what hangs on it can reach each other."""
    values = {
        "AmazonSideAsn": transit.asn,
        "Description": site.name("transit"),
        "DefaultRouteTableAssociation": "enable",
        "DefaultRouteTablePropagation": "enable",
        "AutoAcceptSharedAttachments": "disable",
        "DnsSupport": "enable",
        "VpnEcmpSupport": "enable",
        "Tags": site.tags("transit"),
    }
    _add(site, GATEWAY, "AWS::EC2::TransitGateway", values)


def _attachment_id(network: str) -> str:
    return logical_id("transit", network)


def _attach(site: Site, network: NetworkPlan) -> None:
    """In every zone, or hosts of a zone without it could not use the gateway."""
    values = {
        "TransitGatewayId": Ref(GATEWAY),
        "VpcId": site.vpc(network.name),
        "SubnetIds": site.subnets(network.name, "app") or site.subnets(network.name, "public"),
        "Tags": site.tags(network.name),
    }
    _add(site, _attachment_id(network.name), "AWS::EC2::TransitGatewayAttachment", values)


def _routes(site: Site, network: NetworkPlan, targets: dict[str, IPv4Network]) -> None:
    """In each of its route tables. A route made before the attachment is there fails."""
    for table in dict.fromkeys(route_table(subnet) for subnet in network.subnets):
        for name, cidr in targets.items():
            values = {
                "RouteTableId": table,
                "DestinationCidrBlock": str(cidr),
                "TransitGatewayId": Ref(GATEWAY),
            }
            id = logical_id(table.id, "to", name)  # noqa: A001
            _add(site, id, "AWS::EC2::Route", values, after=(_attachment_id(network.name),))


def _peering(site: Site, name: str, peer: Peer, gateway: str) -> None:
    """The other side accepts it, and each side adds a static route: neither has a type here."""
    values = {
        "TransitGatewayId": Ref(GATEWAY),
        "PeerTransitGatewayId": gateway,
        "PeerAccountId": peer.account or Ref("AWS::AccountId"),
        "PeerRegion": peer.region or site.architecture.region,
        "Tags": site.tags("peer", name),
    }
    _add(site, logical_id("peering", name), "AWS::EC2::TransitGatewayPeeringAttachment", values)


def _vpn(site: Site, far: OnPremises) -> None:
    """Two tunnels; the routes are told by BGP, so that one tunnel's end is noticed."""
    router = _add(
        site,
        "CustomerGateway",
        "AWS::EC2::CustomerGateway",
        {
            "Type": "ipsec.1",
            "IpAddress": far.gateway_ip,
            **_asn(far.asn),
            "Tags": site.tags("on-premises"),
        },
    )
    values = {
        "Type": "ipsec.1",
        "CustomerGatewayId": router,
        "TransitGatewayId": Ref(GATEWAY),
        "StaticRoutesOnly": False,
        "Tags": site.tags("on-premises"),
    }
    _add(site, "VpnConnection", "AWS::EC2::VPNConnection", values)


def _asn(asn: int) -> dict[str, int]:
    """Numbers of four bytes have a field of their own."""
    return {"BgpAsn": asn} if asn < 2**31 else {"BgpAsnExtended": asn}


def _direct_connect(site: Site, transit: Transit, far: OnPremises) -> None:
    """The carrier's line ends at a gateway that exists; it is told the networks' ranges."""
    values = {
        "DirectConnectGatewayId": far.connection,
        "AssociatedGatewayId": Ref(GATEWAY),
        "AllowedPrefixesToDirectConnectGateway": [
            str(site.plan.networks[name].cidr) for name in transit.networks
        ],
    }
    kind = "AWS::DirectConnect::DirectConnectGatewayAssociation"
    _add(site, "DirectConnectAssociation", kind, values)

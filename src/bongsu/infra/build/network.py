"""VPC, subnets, routes, ways out, endpoints, flow logs."""

from typing import Any

from bongsu.infra.build.nat_machines import machine
from bongsu.infra.build.policies import inline, taken_by
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.plan.model import Endpoint, Nat, NetworkPlan, Subnet

ANYWHERE = "0.0.0.0/0"
ENDPOINT_GROUP = "endpoints"
FLOW_LOG_DAYS = 30


def build(site: Site) -> None:
    for network in site.plan.networks.values():
        _Network(site, network).build()


def route_table(subnet: Subnet) -> Ref:
    """Public subnets share one; every other zone and tier has its own, so that a zone's way out is its own."""
    if subnet.tier == "public":
        return Ref(logical_id("routes", subnet.network, "public"))
    return Ref(logical_id("routes", subnet.name))


class _Network:
    def __init__(self, site: Site, network: NetworkPlan) -> None:
        self.site, self.network = site, network
        self.name, self.path = network.name, network.path
        self.vpc = site.vpc(network.name)

    def build(self) -> None:
        self._vpc()
        self._pods_range()
        for subnet in self.network.subnets:
            self._subnet(subnet)
        self._public_way()
        for nat in self.network.nats:
            self._nat(nat)
        self._ways_out()
        for endpoint in self.network.endpoints:
            self._endpoint(endpoint)
        if self.network.block.flow_logs:
            self._flow_log()

    def add(
        self,
        id: str,  # noqa: A002
        type: str,  # noqa: A002
        properties: dict[str, Any],
        *,
        tags: str = "",
        after: tuple[str, ...] = (),
    ) -> Ref:
        if tags:
            properties["Tags"] = self.site.tags(tags)
        return self.site.add("network", id, type, self.path, properties, after=after)

    def _vpc(self) -> None:
        values = {
            "CidrBlock": str(self.network.cidr),
            "EnableDnsHostnames": True,
            "EnableDnsSupport": True,
        }
        self.add(self.vpc.id, "AWS::EC2::VPC", values, tags=self.name)

    def _pods_range(self) -> None:
        if self.network.pods:
            values = {"VpcId": self.vpc, "CidrBlock": str(self.network.pods)}
            self.add(self._second().id, "AWS::EC2::VPCCidrBlock", values)

    def _second(self) -> Ref:
        return Ref(logical_id("range-of-pods", self.name))

    def _subnet(self, subnet: Subnet) -> None:
        values = {
            "VpcId": self.vpc,
            "AvailabilityZone": self.site.zone(subnet.zone),
            "CidrBlock": str(subnet.cidr),
            "MapPublicIpOnLaunch": False,
        }
        made = self.add(
            logical_id("subnet", subnet.name),
            "AWS::EC2::Subnet",
            values,
            tags=subnet.name,
            after=(self._second().id,) if subnet.tier == "pods" else (),
        )
        table = route_table(subnet)
        if table.id not in self.site.graph.resources:
            named = f"{self.name}-public" if subnet.tier == "public" else subnet.name
            self.add(table.id, "AWS::EC2::RouteTable", {"VpcId": self.vpc}, tags=named)
        joined = {"SubnetId": made, "RouteTableId": table}
        self.add(
            logical_id("routes", subnet.name, "join"),
            "AWS::EC2::SubnetRouteTableAssociation",
            joined,
        )

    def _public_way(self) -> None:
        """A regional NAT needs the gateway too, though no subnet is public."""
        public = bool(self.network.tier("public"))
        if not public and not any(nat.zone is None for nat in self.network.nats):
            return
        gateway = self.add(
            logical_id("internet", self.name), "AWS::EC2::InternetGateway", {}, tags=self.name
        )
        attached = logical_id("internet", self.name, "attached")
        self.add(
            attached,
            "AWS::EC2::VPCGatewayAttachment",
            {"VpcId": self.vpc, "InternetGatewayId": gateway},
        )
        if not public:
            return
        route = {
            "RouteTableId": Ref(logical_id("routes", self.name, "public")),
            "DestinationCidrBlock": ANYWHERE,
            "GatewayId": gateway,
        }
        self.add(
            logical_id("route", self.name, "public", "out"),
            "AWS::EC2::Route",
            route,
            after=(attached,),
        )

    def _nat(self, nat: Nat) -> None:
        attached = (logical_id("internet", self.name, "attached"),)
        if nat.kind == "instance":
            self._nat_instance(nat)
        elif nat.zone is None:
            values: dict[str, Any] = {"VpcId": self.vpc, "AvailabilityMode": "regional"}
            name = f"{self.name}-nat"
            self.add(
                self._nat_id(nat).id, "AWS::EC2::NatGateway", values, tags=name, after=attached
            )
        else:
            words = f"{self.name}-nat-{nat.zone}"
            address = self.add(
                logical_id("address", words),
                "AWS::EC2::EIP",
                {"Domain": "vpc"},
                tags=words,
                after=attached,
            )
            subnet = next(one for one in self.network.tier("public") if one.zone == nat.zone)
            values = {
                "SubnetId": Ref(logical_id("subnet", subnet.name)),
                "AllocationId": Att(address.id, "AllocationId"),
            }
            self.add(
                self._nat_id(nat).id, "AWS::EC2::NatGateway", values, tags=words, after=attached
            )

    def _nat_id(self, nat: Nat) -> Ref:
        return Ref(logical_id("nat", self.name, nat.zone or ""))

    def _nat_instance(self, nat: Nat) -> None:
        """One small machine that forwards: cheap, and a single point of failure (NAT002 says so)."""
        rule = {"IpProtocol": "-1", "CidrIp": str(self.network.cidr), "Description": "the network"}
        group = self.add(
            logical_id("group", self.name, "nat"),
            "AWS::EC2::SecurityGroup",
            {
                "GroupDescription": f"NAT instance of {self.site.name(self.name)}",
                "VpcId": self.vpc,
                "SecurityGroupIngress": [rule],
            },
            tags=f"{self.name}-nat",
        )
        subnet = next(one for one in self.network.tier("public") if one.zone == nat.zone)
        interface = {
            "DeviceIndex": "0",
            "AssociatePublicIpAddress": True,
            "SubnetId": Ref(logical_id("subnet", subnet.name)),
            "GroupSet": [Att(group.id, "GroupId")],
        }
        values = machine(interface)
        self.add(self._nat_id(nat).id, "AWS::EC2::Instance", values, tags=f"{self.name}-nat")

    def _ways_out(self) -> None:
        """A zone without a NAT of its own goes through the first one: cheaper, and lost with it (NAT001)."""
        if not self.network.nats:
            return
        for subnet in self.network.subnets:
            if subnet.tier == "app" or (subnet.tier == "data" and self._data_calls_out()):
                nat = next(
                    (one for one in self.network.nats if one.zone in (subnet.zone, None)),
                    self.network.nats[0],
                )
                target = "InstanceId" if nat.kind == "instance" else "NatGatewayId"
                route = {
                    "RouteTableId": route_table(subnet),
                    "DestinationCidrBlock": ANYWHERE,
                    target: self._nat_id(nat),
                }
                self.add(logical_id("route", subnet.name, "out"), "AWS::EC2::Route", route)

    def _data_calls_out(self) -> bool:
        """A migration's machine reads its secret and writes its log; databases call nobody."""
        return any(part.network == self.name for part in self.site.plan.of_section("migrations"))

    def _endpoint(self, endpoint: Endpoint) -> None:
        values: dict[str, Any] = {
            "VpcId": self.vpc,
            "ServiceName": f"com.amazonaws.{self.site.architecture.region}.{endpoint.service}",
            "VpcEndpointType": "Gateway" if endpoint.gateway else "Interface",
        }
        if endpoint.gateway:
            calling = [one for one in self.network.subnets if one.tier != "endpoints"]
            tables = dict.fromkeys(route_table(subnet) for subnet in calling)
            values["RouteTableIds"] = list(tables)
        else:
            tier = "endpoints" if self.network.block.endpoint_subnets else "app"
            values |= {
                "SubnetIds": self.site.subnets(self.name, tier),
                "SecurityGroupIds": [self._endpoint_group()],
                "PrivateDnsEnabled": True,
            }
        self.add(
            logical_id("endpoint", self.name, endpoint.service), "AWS::EC2::VPCEndpoint", values
        )

    def _endpoint_group(self) -> Att:
        made = logical_id("group", self.name, ENDPOINT_GROUP)
        if made not in self.site.graph.resources:
            ranges = [self.network.cidr, *([self.network.pods] if self.network.pods else [])]
            https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
            rules = [https | {"CidrIp": str(one), "Description": "the network"} for one in ranges]
            values = {
                "GroupDescription": f"Interface endpoints of {self.site.name(self.name)}",
                "VpcId": self.vpc,
                "SecurityGroupIngress": rules,
            }
            self.add(made, "AWS::EC2::SecurityGroup", values, tags=f"{self.name}-endpoints")
        return Att(made, "GroupId")

    def _flow_log(self) -> None:
        kept = {
            "LogGroupName": f"/{self.site.architecture.stem}/flow/{self.name}",
            "RetentionInDays": FLOW_LOG_DAYS,
        }
        group = self.add(logical_id("flow-log-group", self.name), "AWS::Logs::LogGroup", kept)
        role = self._flow_log_role(group)
        values = {
            "ResourceId": self.vpc,
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": group,
            "DeliverLogsPermissionArn": Att(role.id, "Arn"),
        }
        self.add(logical_id("flow-log", self.name), "AWS::EC2::FlowLog", values, tags=self.name)

    def _flow_log_role(self, group: Ref) -> Ref:
        write = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": Att(group.id, "Arn"),
        }
        values = {
            "AssumeRolePolicyDocument": taken_by("vpc-flow-logs.amazonaws.com"),
            "Policies": inline({"write": [write]}),
        }
        id, tags = logical_id("flow-log-role", self.name), f"{self.name}-flow-log"  # noqa: A001
        return self.add(id, "AWS::IAM::Role", values, tags=tags)

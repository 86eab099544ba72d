"""Tiers of plain EC2 machines: what each is made from, a role of its own, and a group that replaces them."""

from typing import Any

from bongsu.infra.build import scaling
from bongsu.infra.build.ec2 import MANAGED, machine
from bongsu.infra.build.machine_images import machine_image
from bongsu.infra.build.pipelines import may_deliver
from bongsu.infra.build.policies import allow, granted, may_read_secrets, role
from bongsu.infra.build.refresh import in_turn
from bongsu.infra.build.routing import groups_of
from bongsu.infra.build.services import LOG_DAYS
from bongsu.infra.build.site import Site
from bongsu.infra.build.startup import user_data
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.model.compute import Servers


def build(site: Site) -> None:
    for name, block in site.architecture.servers.items():
        _Servers(site, name, block).build()


class _Servers:
    def __init__(self, site: Site, name: str, block: Servers) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("servers", name)
        self.part = site.plan.parts[name]
        self.groups = [group for _, group in groups_of(site, name)]
        self.log_name = f"/{site.architecture.stem}/servers/{name}"

    def build(self) -> None:
        template = self._template(self._profile(self._log()))
        group = self._group(template)
        scaling.of_servers(self.site, self.name, self.block.scale, group)

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        id = logical_id(word, self.name)  # noqa: A001
        return self.site.add("app", id, type, self.path, values, **more)

    def _log(self) -> Ref:
        values = {
            "LogGroupName": self.log_name,
            "RetentionInDays": LOG_DAYS[self.site.architecture.production],
            "Tags": self.site.tags(self.name),
        }
        return self.add("log-group", "AWS::Logs::LogGroup", values)

    def _profile(self, log: Ref) -> Ref:
        writes = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        secrets = list(self.block.secrets.values())
        policies = {
            "managed": [allow(MANAGED, ["*"])],
            "log": [allow(writes, [Att(log.id, "Arn")])],
            "secrets": may_read_secrets(self.site, secrets, "ssm:GetParameter"),
            "use": granted(self.site, self.name),
            "deliver": may_deliver(self.site, self.name),
        }
        id = logical_id("server-role", self.name)  # noqa: A001
        made = role(self.site, id, self.path, "ec2.amazonaws.com", policies, self.name)
        return self.add("instance-profile", "AWS::IAM::InstanceProfile", {"Roles": [made]})

    def _template(self, profile: Ref) -> Ref:
        """A new version of it, by any change, makes the group replace its machines."""
        interface = {
            "DeviceIndex": 0,
            "AssociatePublicIpAddress": self.block.public_ip,
            "Groups": [self.site.group(self.name)],
        }
        data = {
            "ImageId": machine_image(self.block.image),
            "InstanceType": self.block.instance,
            "IamInstanceProfile": {"Arn": Att(profile.id, "Arn")},
            "NetworkInterfaces": [interface],
            **machine(self.block.disk_gib, self.site.tags(self.name)),
            "UserData": user_data(self.site, self.name, self.block, self.log_name),
        }
        return self.add("template", "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": data})

    def _group(self, template: Ref) -> Ref:
        scale = self.block.scale
        values = {
            "MinSize": str(scale.min),
            "MaxSize": str(self.block.most),
            "VPCZoneIdentifier": self.site.part_subnets(self.part),
            "LaunchTemplate": {
                "LaunchTemplateId": template,
                "Version": Att(template.id, "LatestVersionNumber"),
            },
            "TargetGroupARNs": [Ref(group.id) for group in self.groups] or None,
            "HealthCheckType": "ELB" if self.groups else "EC2",
            "HealthCheckGracePeriod": self.block.health.grace_s,
            "DefaultInstanceWarmup": self.block.health.grace_s,
            "MetricsCollection": [{"Granularity": "1Minute"}],
            "Tags": [tag | {"PropagateAtLaunch": False} for tag in self.site.tags(self.name)],
        }
        update = in_turn(scale.min, self.block.rolling_spare, self.block.health.grace_s)
        type = "AWS::AutoScaling::AutoScalingGroup"  # noqa: A001
        after = scaling.ways_to(self.site, self.groups)
        return self.add("servers", type, values, after=after, UpdatePolicy=update)

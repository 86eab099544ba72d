"""Containers on Fargate or on hosts: each service's log, roles, task, rolling update, scaling."""

from typing import Any

from bongsu.infra.build import scaling
from bongsu.infra.build.addresses import filled
from bongsu.infra.build.ecs import cluster, joined, provider
from bongsu.infra.build.images import image_of, may_pull
from bongsu.infra.build.policies import (
    allow,
    granted,
    may_read_secrets,
    of_this_account,
    role,
    secret_arn,
)
from bongsu.infra.build.routing import Group, groups_of
from bongsu.infra.build.site import Site
from bongsu.infra.build.volumes import access_point, file_system, may_mount
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.model.compute import Service
from bongsu.infra.plan.parts import volume_of
from bongsu.infra.plan.pods import pod_services

LOG_DAYS = {True: 90, False: 14}  # in production, elsewhere
TASKS = "ecs-tasks.amazonaws.com"
ONE_AFTER_THE_OTHER = (0, 100)  # healthy at least, running at most, in percent
SIDE_BY_SIDE = (100, 200)
# Over the zones first, then where memory is scarcest: hosts that end up empty can go.
SPREAD = [
    {"Type": "spread", "Field": "attribute:ecs.availability-zone"},
    {"Type": "binpack", "Field": "memory"},
]
VOLUME = "volume"
LOG_BUFFER = "4m"


def build(site: Site) -> None:
    """Those that run as pods are built by `pods`."""
    pods = set(pod_services(site.architecture))
    for name, block in site.architecture.services.items():
        if name not in pods:
            _Service(site, name, block).build()


class _Service:
    def __init__(self, site: Site, name: str, block: Service) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("services", name)
        self.part = site.plan.parts[name]
        self.groups: list[Group] = [group for _, group in groups_of(site, name)]
        self.hosts = block.runs_on if block.runs_on in site.architecture.capacity else None

    def build(self) -> None:
        log = self._log()
        roles = self._execution_role(log), self._task_role()
        task = self._task(log, *roles)
        self._service(task)
        scaling.of_service(self.site, self.name, self.block, cluster(str(self.part.network)))

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        """The word stands first: `web` and `web-log` may both be services."""
        id = logical_id(word, self.name)  # noqa: A001
        return self.site.add("app", id, type, self.path, values, **more)

    def _log(self) -> Ref:
        values = {
            "LogGroupName": f"/{self.site.architecture.stem}/services/{self.name}",
            "RetentionInDays": LOG_DAYS[self.site.architecture.production],
            "Tags": self.site.tags(self.name),
        }
        return self.add("log-group", "AWS::Logs::LogGroup", values)

    # --- roles

    def _execution_role(self, log: Ref) -> Ref:
        """Of ECS itself, before the program runs: its image, its secrets, its log, and nothing else."""
        writes = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [Att(log.id, "Arn")])
        secrets = list(self.block.secrets.values())
        policies = {
            "pull": may_pull(self.name, self.block.image),
            "log": [writes],
            "secrets": may_read_secrets(self.site, secrets, "ssm:GetParameters"),
        }
        return self._role("execution-role", policies)

    def _task_role(self) -> Ref:
        """Of the program: exactly the plan's grants, and its file system."""
        mounts = [may_mount(volume_of(self.name))] if self.block.volume else []
        return self._role("task-role", {"use": granted(self.site, self.name), "mount": mounts})

    def _role(self, word: str, policies: dict[str, Any]) -> Ref:
        id = logical_id(word, self.name)  # noqa: A001
        tags = f"{self.name}-{word}"
        return role(self.site, id, self.path, TASKS, policies, tags, of_this_account())

    # --- task

    def _task(self, log: Ref, execution: Ref, task: Ref) -> Ref:
        arm = self.block.architecture == "arm"
        values = {
            "Family": self.site.name(self.name),
            "RequiresCompatibilities": ["EC2" if self.hosts else "FARGATE"],
            "NetworkMode": "awsvpc",
            "Cpu": str(self.block.cpu),
            "Memory": str(self.block.memory_mib),
            "RuntimePlatform": {
                "CpuArchitecture": "ARM64" if arm else "X86_64",
                "OperatingSystemFamily": "LINUX",
            },
            "ExecutionRoleArn": Att(execution.id, "Arn"),
            "TaskRoleArn": Att(task.id, "Arn"),
            "ContainerDefinitions": [self._container(log)],
            "Volumes": [self._volume()] if self.block.volume else None,
            "Tags": self.site.tags(self.name),
        }
        return self.add("definition", "AWS::ECS::TaskDefinition", values)

    def _container(self, log: Ref) -> dict[str, Any]:
        block = self.block
        ports = [{"ContainerPort": block.port, "Protocol": "tcp"}] if block.port else None
        mounts = (
            [{"SourceVolume": VOLUME, "ContainerPath": block.volume.path}] if block.volume else None
        )
        container = {
            "Name": self.name,
            "Image": image_of(self.name, block.image),
            "Essential": True,
            "Command": list(block.command) or None,
            "PortMappings": ports,
            "Environment": self._environment() or None,
            "Secrets": self._secrets() or None,
            "MountPoints": mounts,
            "LinuxParameters": {"InitProcessEnabled": True},
            "LogConfiguration": self._log_driver(log),
        }
        return {key: value for key, value in container.items() if value is not None}

    def _environment(self) -> list[dict[str, Any]]:
        values = self.block.environment.items()
        return [{"Name": name, "Value": filled(self.site, text)} for name, text in values]

    def _secrets(self) -> list[dict[str, Any]]:
        values = self.block.secrets.items()
        return [{"Name": name, "ValueFrom": secret_arn(self.site, text)} for name, text in values]

    def _log_driver(self, log: Ref) -> dict[str, Any]:
        """A log that cannot be written must not hold up the program: lines beyond the buffer are lost."""
        options = {
            "awslogs-group": log,
            "awslogs-region": Ref("AWS::Region"),
            "awslogs-stream-prefix": self.name,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        }
        return {"LogDriver": "awslogs", "Options": options}

    def _volume(self) -> dict[str, Any]:
        volume = volume_of(self.name)
        mounted = {
            "FilesystemId": file_system(volume),
            "TransitEncryption": "ENABLED",
            "AuthorizationConfig": {"AccessPointId": access_point(volume), "IAM": "ENABLED"},
        }
        return {"Name": VOLUME, "EFSVolumeConfiguration": mounted}

    # --- service

    def _service(self, task: Ref) -> None:
        """Its number is set here only where nothing scales it: an update must not undo what scaling did."""
        scaled = scaling.is_scaled(self.block.scale)
        values = {
            "Cluster": cluster(str(self.part.network)),
            "TaskDefinition": task,
            "DesiredCount": None if scaled else self.block.scale.min,
            "CapacityProviderStrategy": self._capacity(),
            "PlacementStrategies": SPREAD if self.hosts else None,
            **self._update(),
            "NetworkConfiguration": {"AwsvpcConfiguration": self._network()},
            "LoadBalancers": [self._target(group) for group in self.groups] or None,
            "HealthCheckGracePeriodSeconds": self.block.health.grace_s if self.groups else None,
            "EnableECSManagedTags": True,
            "PropagateTags": "SERVICE",
            "Tags": self.site.tags(self.name),
        }
        after = scaling.ways_to(self.site, self.groups)
        if self.hosts:
            after = (*after, joined(str(self.part.network)))
        self.add("service", "AWS::ECS::Service", values, after=after)

    def _capacity(self) -> list[dict[str, Any]]:
        """Spot machines may be taken back at any time: of several copies one always stands on its own."""
        if self.hosts:
            return [{"CapacityProvider": provider(self.hosts), "Weight": 1}]
        if not self.block.spot:
            return [{"CapacityProvider": "FARGATE", "Weight": 1}]
        kept = 1 if self.block.scale.min > 1 else 0
        fixed = {"CapacityProvider": "FARGATE", "Base": kept, "Weight": 0}
        return [fixed, {"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]

    def _update(self) -> dict[str, Any]:
        """New copies beside the old ones; one after the other where the store takes one writer only."""
        alone = bool(self.block.volume) and self.block.scale.max == 1
        least, most = ONE_AFTER_THE_OTHER if alone else SIDE_BY_SIDE
        deployment = {
            "MinimumHealthyPercent": least,
            "MaximumPercent": most,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        }
        balanced = "DISABLED" if alone else "ENABLED"
        return {"DeploymentConfiguration": deployment, "AvailabilityZoneRebalancing": balanced}

    def _network(self) -> dict[str, Any]:
        values = {
            "Subnets": self.site.part_subnets(self.part),
            "SecurityGroups": [self.site.group(self.name)],
            "AssignPublicIp": self._public(),
        }
        return {key: value for key, value in values.items() if value is not None}

    def _public(self) -> str | None:
        """Said for Fargate only: interfaces of tasks on hosts never have public addresses."""
        if self.hosts:
            return None
        return "ENABLED" if self.block.public_ip else "DISABLED"

    def _target(self, group: Group) -> dict[str, Any]:
        return {
            "ContainerName": self.name,
            "ContainerPort": self.block.container_port or self.block.port,
            "TargetGroupArn": Ref(group.id),
        }

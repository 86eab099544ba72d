"""What AWS, asked by boto3, says of an environment, in the words of the plan: (wanted, found) to be compared."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from bongsu.infra.build.scaling import is_scaled
from bongsu.infra.deploy.deployment import Deployment
from bongsu.infra.graph import logical_id
from tests.aws.emulator import REGION

Told = dict[str, Any]
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


def read_back(aws: Any, made: Deployment) -> tuple[Told, Told]:
    reader = _Reader(aws, made)
    sections = {name: getattr(reader, name) for name in SECTIONS}
    pairs = {name: section() for name, section in sections.items()}
    return {n: pair[0] for n, pair in pairs.items()}, {n: pair[1] for n, pair in pairs.items()}


SECTIONS = (
    "networks", "clusters", "services", "servers", "load_balancers", "databases", "caches",
    "buckets", "tables", "functions", "distributions",
)  # fmt: skip


class _Reader:
    def __init__(self, aws: Any, made: Deployment) -> None:
        self.aws, self.made, self.blocks = aws, made, made.plan.architecture
        self.physical: dict[str, tuple[str, str]] = {}  # logical id → name in AWS, region
        for one in made.templates:
            answer = aws("cloudformation", one.region).describe_stack_resources(StackName=one.name)
            for resource in answer["StackResources"]:
                found = resource["PhysicalResourceId"], one.region
                self.physical[resource["LogicalResourceId"]] = found

    def ask(self, service: str, region: str | None = None) -> Any:
        return self.aws(service, region or self.blocks.region)

    def name(self, *words: str) -> str:
        return self.physical[logical_id(*words)][0]

    def each(self, blocks: dict[str, Any], wanted: Callable[..., Any], found: Callable[[str], Any]):
        """By name: what the file says of a block, and what AWS says of it."""
        return {n: wanted(b) for n, b in blocks.items()}, {n: found(n) for n in blocks}

    def networks(self) -> tuple[Told, Told]:
        ec2, wanted, found = self.ask("ec2"), {}, {}
        for name, network in self.made.plan.networks.items():
            ranges = {(str(one.cidr), f"{self.blocks.region}{one.zone}") for one in network.subnets}
            wanted[name] = (str(network.cidr), ranges)
            (vpc,) = ec2.describe_vpcs(VpcIds=[self.name("vpc", name)])["Vpcs"]
            here = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            subnets = ec2.describe_subnets(Filters=here)["Subnets"]
            placed = {(one["CidrBlock"], one["AvailabilityZone"]) for one in subnets}
            found[name] = (vpc["CidrBlock"], placed)
        return wanted, found

    def services(self) -> tuple[Told, Told]:
        """What scales begins with one: scaling raises it to the least, and no emulator here scales."""

        def wanted(block: Any) -> int:
            return 1 if is_scaled(block.scale) else int(block.scale.min)

        def found(name: str) -> int:
            arn = self.name("service", name)
            cluster = arn.split("/")[1] if arn.count("/") > 1 else self.name("cluster", "main")
            asked = self.ask("ecs").describe_services(cluster=cluster, services=[arn])
            return int(asked["services"][0]["desiredCount"])

        clusters = self.blocks.clusters
        tasks = {
            name: block
            for name, block in self.blocks.services.items()
            if block.runs_on not in clusters
        }
        return self.each(tasks, wanted, found)

    def clusters(self) -> tuple[Told, Told]:
        """Version, whether it is public, and the nodes; ministack gives a version back as text."""

        def found(name: str) -> tuple[Any, ...]:
            asked = self.ask("eks")
            known = asked.describe_cluster(name=self.name("cluster", name))["cluster"]
            sizes = {}
            for group in asked.list_nodegroups(clusterName=known["name"])["nodegroups"]:
                told = asked.describe_nodegroup(clusterName=known["name"], nodegroupName=group)
                scale = told["nodegroup"]["scalingConfig"]
                sizes[group.rpartition("-")[0]] = (scale["minSize"], scale["maxSize"])
            public = known["resourcesVpcConfig"]["endpointPublicAccess"]
            return known["version"], public, sizes

        def wanted(block: Any) -> tuple[Any, ...]:
            nodes = {name: (one.scale.min, one.scale.max) for name, one in block.nodes.items()}
            return block.version, block.endpoint.public, nodes

        return self.each(self.blocks.clusters, wanted, found)

    def servers(self) -> tuple[Told, Told]:
        def found(name: str) -> tuple[int, int]:
            named = [self.name("servers", name)]
            asked = self.ask("autoscaling").describe_auto_scaling_groups(
                AutoScalingGroupNames=named
            )
            (group,) = asked["AutoScalingGroups"]
            return group["MinSize"], group["MaxSize"]

        wanted = lambda block: (block.scale.min, block.most)  # noqa: E731
        return self.each(self.blocks.servers, wanted, found)

    def load_balancers(self) -> tuple[Told, Told]:
        def found(name: str) -> str:
            arns = [self.name("load-balancer", name)]
            asked = self.ask("elbv2").describe_load_balancers(LoadBalancerArns=arns)
            return str(asked["LoadBalancers"][0]["Scheme"])

        wanted = lambda block: "internet-facing" if block.public else "internal"  # noqa: E731
        return self.each(self.blocks.load_balancers, wanted, found)

    def databases(self) -> tuple[Told, Told]:
        """Class, standby, encryption, days of backups; of a cluster how many machines it has."""

        def wanted(block: Any) -> tuple[Any, ...]:
            if block.aurora or block.standby == "cluster":
                others = max(
                    block.standby == "instance", block.readers
                )  # one reader is the standby
                return True, block.backup_days, 1 + others if block.aurora else 0
            return block.instance, block.standby == "instance", True, block.backup_days

        def found(name: str) -> tuple[Any, ...]:
            rds, own = self.ask("rds"), self.name("database", name)
            block = self.blocks.databases[name]
            if block.aurora or block.standby == "cluster":
                (one,) = rds.describe_db_clusters(DBClusterIdentifier=own)["DBClusters"]
                several = len(one["DBClusterMembers"])
                return one["StorageEncrypted"], one["BackupRetentionPeriod"], several
            (one,) = rds.describe_db_instances(DBInstanceIdentifier=own)["DBInstances"]
            kept = one["StorageEncrypted"], one["BackupRetentionPeriod"]
            return one["DBInstanceClass"], one["MultiAZ"], *kept

        return self.each(self.blocks.databases, wanted, found)

    def caches(self) -> tuple[Told, Told]:
        def found(name: str) -> tuple[int, bool, bool]:
            own = {"ReplicationGroupId": self.name("cache", name)}
            asked = self.ask("elasticache").describe_replication_groups(**own)
            (group,) = asked["ReplicationGroups"]
            sealed = group["TransitEncryptionEnabled"], group["AtRestEncryptionEnabled"]
            return len(group["MemberClusters"]), *sealed

        return self.each(self.blocks.caches, lambda block: (block.nodes, True, True), found)

    def buckets(self) -> tuple[Told, Told]:
        """Closed or not, versioned or not, and where."""

        def wanted(block: Any) -> tuple[bool, bool, str]:
            return not block.public, block.versions, block.region or self.blocks.region

        def found(name: str) -> tuple[bool, bool, str]:
            own, region = self.physical[logical_id("bucket", name)]
            s3 = self.ask("s3", region)
            asked = s3.get_public_access_block(Bucket=own)["PublicAccessBlockConfiguration"]
            versions = s3.get_bucket_versioning(Bucket=own).get("Status")
            where = s3.get_bucket_location(Bucket=own)["LocationConstraint"] or "us-east-1"
            return asked == OPEN, versions == "Enabled", where

        return self.each(self.blocks.buckets, wanted, found)

    def tables(self) -> tuple[Told, Told]:
        def wanted(block: Any) -> tuple[Any, ...]:
            keys = [block.key, *([block.sort] if block.sort else [])]
            return keys, block.stream, block.delete_protection

        def found(name: str) -> tuple[Any, ...]:
            asked = self.ask("dynamodb").describe_table(TableName=self.name("table", name))
            one = asked["Table"]
            keys = [key["AttributeName"] for key in one["KeySchema"]]
            return keys, "LatestStreamArn" in one, one["DeletionProtectionEnabled"]

        return self.each(self.blocks.tables, wanted, found)

    def functions(self) -> tuple[Told, Told]:
        def wanted(block: Any) -> tuple[Any, ...]:
            kind = "arm64" if block.architecture == "arm" else "x86_64"
            return block.handler, block.runtime, block.memory_mib, block.timeout_s, [kind]

        def found(name: str) -> tuple[Any, ...]:
            own = {"FunctionName": self.name("function", name)}
            one = self.ask("lambda").get_function_configuration(**own)
            sizes = one["MemorySize"], one["Timeout"], one["Architectures"]
            return one["Handler"], one["Runtime"], *sizes

        return self.each(self.blocks.functions, wanted, found)

    def distributions(self) -> tuple[Told, Told]:
        def wanted(block: Any) -> tuple[list[str], int]:
            return sorted(block.aliases), len(block.origins)

        def found(name: str) -> tuple[list[str], int]:
            own = {"Id": self.name("distribution", name)}
            one = self.ask("cloudfront").get_distribution_config(**own)["DistributionConfig"]
            return sorted(one["Aliases"].get("Items", [])), one["Origins"]["Quantity"]

        return self.each(self.blocks.distributions, wanted, found)


@dataclass(frozen=True, slots=True)
class Stood:
    """How many of each kind stand in the account, whoever made them."""

    counts: Counter[str]
    TYPES: ClassVar[dict[str, tuple[str, str, str]]] = {
        "AWS::EC2::VPC": ("ec2", "describe_vpcs", "Vpcs"),
        "AWS::EC2::Subnet": ("ec2", "describe_subnets", "Subnets"),
        "AWS::EC2::SecurityGroup": ("ec2", "describe_security_groups", "SecurityGroups"),
        "AWS::EC2::RouteTable": ("ec2", "describe_route_tables", "RouteTables"),
        "AWS::EC2::VPCEndpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
        "AWS::ElasticLoadBalancingV2::LoadBalancer": (
            "elbv2", "describe_load_balancers", "LoadBalancers",
        ),
        "AWS::ElasticLoadBalancingV2::TargetGroup": (
            "elbv2", "describe_target_groups", "TargetGroups",
        ),
        "AWS::EKS::Cluster": ("eks", "list_clusters", "clusters"),
        "AWS::ECS::Cluster": ("ecs", "list_clusters", "clusterArns"),
        "AWS::ECR::Repository": ("ecr", "describe_repositories", "repositories"),
        "AWS::RDS::DBInstance": ("rds", "describe_db_instances", "DBInstances"),
        "AWS::RDS::DBCluster": ("rds", "describe_db_clusters", "DBClusters"),
        "AWS::ElastiCache::ReplicationGroup": (
            "elasticache", "describe_replication_groups", "ReplicationGroups",
        ),
        "AWS::EFS::FileSystem": ("efs", "describe_file_systems", "FileSystems"),
        "AWS::S3::Bucket": ("s3", "list_buckets", "Buckets"),
        "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames"),
        "AWS::Lambda::Function": ("lambda", "list_functions", "Functions"),
        "AWS::SecretsManager::Secret": ("secretsmanager", "list_secrets", "SecretList"),
        "AWS::IAM::Role": ("iam", "list_roles", "Roles"),
        "AWS::Logs::LogGroup": ("logs", "describe_log_groups", "logGroups"),
        "AWS::CloudWatch::Alarm": ("cloudwatch", "describe_alarms", "MetricAlarms"),
        "AWS::SNS::Topic": ("sns", "list_topics", "Topics"),
        "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls"),
        "AWS::Events::Rule": ("events", "list_rules", "Rules"),
        "AWS::AutoScaling::AutoScalingGroup": (
            "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups",
        ),
    }  # fmt: skip

    @classmethod
    def of(cls, aws: Any, region: str = REGION) -> "Stood":
        found = {
            kind: len(getattr(aws(service, region), operation)().get(key, []))
            for kind, (service, operation, key) in cls.TYPES.items()
        }
        return cls(Counter(found))

    def without(self, before: "Stood") -> Counter[str]:
        return self.counts - before.counts

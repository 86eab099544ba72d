"""What every builder works with: the plan, the graph that grows, and the names they agree on."""

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from bongsu.document import Path
from bongsu.infra.graph import Att, Graph, Keep, Ref, Resource, Stack, Sub, logical_id
from bongsu.infra.plan.model import Part, Plan
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

Tags = list[dict[str, Any]]


class Site:
    """One environment under construction. Builders add to `graph` and refer to each other by these ids only."""

    def __init__(self, plan: Plan, root: FilePath) -> None:
        """`root`: of the repository, where the file's scripts are read."""
        self.plan, self.architecture, self.graph = plan, plan.architecture, Graph()
        self.root = root

    def text_of(self, file: str, part: str) -> str:
        """A file of the repository that a part names. Raises Invalid where it cannot be read, or lies outside."""
        path = (self.root / file).resolve()
        try:
            if not path.is_relative_to(self.root.resolve()):
                raise FileNotFoundError(file)
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            said = say("{part} names the file {file}, which cannot be read.", part=part, file=file)
            raise Invalid(said) from error

    def add(
        self,
        stack: Stack,
        id: str,  # noqa: A002
        type: str,  # noqa: A002
        path: Path,
        properties: dict[str, Any],
        *,
        region: str | None = None,
        keep: Keep = "delete",
        after: Sequence[str] = (),
        **extra: Any,
    ) -> Ref:
        """Properties that are None are left out."""
        given = {key: value for key, value in properties.items() if value is not None}
        return self.graph.add(
            Resource(id, type, given, stack, path, region, keep, tuple(after), extra)
        )

    def name(self, *words: str) -> str:
        """`beacon-production-front`"""
        return "-".join((self.architecture.stem, *words))

    def tags(self, *words: str) -> Tags:
        """As most types take them. Every resource says which architecture and environment it belongs to."""
        return [
            {"Key": "Name", "Value": self.name(*words)},
            {"Key": "bongsu:architecture", "Value": self.architecture.name},
            {"Key": "bongsu:environment", "Value": self.architecture.environment},
        ]

    def tag_map(self, *words: str) -> dict[str, Any]:
        """As API Gateway takes them."""
        return {one["Key"]: one["Value"] for one in self.tags(*words)}

    # --- ids that builders share

    def zone(self, letter: str) -> str:
        return f"{self.architecture.region}{letter}"

    def vpc(self, network: str) -> Ref:
        return Ref(logical_id("vpc", network))

    def subnets(self, network: str, tier: str) -> list[Ref]:
        return [
            Ref(logical_id("subnet", subnet.name))
            for subnet in self.plan.networks[network].tier(tier)
        ]

    def part_subnets(self, part: Part) -> list[Ref]:
        """Those of its tier in its zones."""
        if part.network is None or part.tier is None:
            return []
        chosen = [
            one
            for one in self.plan.networks[part.network].tier(part.tier)
            if one.zone in part.zones
        ]
        return [Ref(logical_id("subnet", subnet.name)) for subnet in chosen]

    def group(self, part: str) -> Att:
        """The security group of a part."""
        return Att(logical_id("group", part), "GroupId")

    def account_arn(self, text: str) -> Sub:
        """`logs:*` → an ARN in this account, region and partition."""
        service, _, rest = text.partition(":")
        return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")

    def bucket_name(self, bucket: str) -> Sub:
        """Names of buckets are one namespace for the world: the account's number makes ours unique."""
        return Sub(f"{self.name(bucket)}-${{AWS::AccountId}}")

    def bucket_arn(self, bucket: str, below: str = "") -> Sub:
        return Sub(f"arn:${{AWS::Partition}}:s3:::{self.bucket_name(bucket).text}{below}")

"""What a change set would do, and what of it people must agree to first. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import Said, say

Action = Literal["Add", "Modify", "Remove", "Import", "Dynamic"]
# What is lost when the resource is: rows, objects, files, keys, images.
DATA_TYPES = frozenset(
    {
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """`replacement`: `Conditional` is known to AWS only while it happens."""

    stack: str
    action: Action
    id: str
    type: str
    replacement: Literal["True", "False", "Conditional"] = "False"

    @property
    def replaces(self) -> bool:
        return self.action == "Modify" and self.replacement != "False"

    def to(self, language: str) -> str:
        """One line for a terminal."""
        return said_of(self).to(language)


def said_of(change: Change) -> Said:
    what = {"id": change.id, "type": change.type}
    match change.action, change.replacement:
        case "Add", _:
            return say("add {id} ({type})", **what)
        case "Remove", _:
            return say("remove {id} ({type})", **what)
        case _, "True":
            return say("replace {id} ({type})", **what)
        case _, "Conditional":
            return say("change {id} ({type}), perhaps by replacing it", **what)
    return say("change {id} ({type})", **what)


@dataclass(frozen=True, slots=True)
class Danger:
    """Data that a change would take away. `keep`: what the deployed template says becomes of it."""

    change: Change
    keep: str

    @property
    def said(self) -> Said:
        what = {"id": self.change.id, "stack": self.change.stack}
        if self.change.action != "Remove":
            return say("{id} in {stack} would be replaced by an empty one.", **what)
        if self.keep == "Retain":
            return say("{id} would leave {stack}; it goes on in AWS, and costs, by itself.", **what)
        if self.keep == "Snapshot":
            return say("{id} in {stack} would be removed; only a snapshot stays.", **what)
        return say("{id} in {stack} would be removed with all that is in it.", **what)


def changes_of(stack: str, described: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """From the changes of DescribeChangeSet."""
    found = [one["ResourceChange"] for one in described if "ResourceChange" in one]
    return tuple(
        Change(
            stack,
            one["Action"],
            one["LogicalResourceId"],
            one["ResourceType"],
            one.get("Replacement", "False"),
        )
        for one in found
    )


def foreseen(
    stack: str, deployed: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[Change, ...]:
    """From two templates, where AWS cannot be asked yet: what is removed is certain, what is replaced is not."""
    before, after = deployed.get("Resources", {}), body.get("Resources", {})
    gone = [Change(stack, "Remove", one, before[one]["Type"]) for one in before if one not in after]
    new = [Change(stack, "Add", one, after[one]["Type"]) for one in after if one not in before]
    changed = [
        Change(stack, "Modify", one, after[one]["Type"])
        for one in after
        if one in before and before[one] != after[one]
    ]
    return (*gone, *new, *changed)


def removals(stack: str, deployed: Mapping[str, Any]) -> tuple[Change, ...]:
    """What is lost with a whole stack: the data that its template does not keep."""
    return tuple(
        one
        for one in foreseen(stack, deployed, {})
        if keep_of(deployed, one.id) not in ("Retain", "Snapshot")
    )


def dangers(
    changes: Iterable[Change],
    deployed: Mapping[str, Any],
    consent: Collection[str] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[Danger, ...]:
    """Those that nobody agreed to.

    `deployed`: the template that stands now; `consent`: logical ids, or the file's names of parts, which `names`
    gives by logical id.
    """
    known = names or {}
    return tuple(
        Danger(change, keep_of(deployed, change.id))
        for change in changes
        if change.type in DATA_TYPES
        and (change.replaces or change.action == "Remove")
        and not {change.id, known.get(change.id, change.id)} & set(consent)
    )


def keep_of(template: Mapping[str, Any], id: str) -> str:  # noqa: A002
    resource = template.get("Resources", {}).get(id, {})
    return str(resource.get("DeletionPolicy", "Delete"))


def refuse(found: tuple[Danger, ...]) -> None:
    """Raises Conflict where data would be lost without a word of consent."""
    if not found:
        return
    words = " ".join(f"--replace-data {one.change.id}" for one in found)
    what = " ".join(str(one.said) for one in found)
    raise Conflict(
        say(
            "{what} Nothing was deployed. If that is meant, say so: {words}",
            what=what,
            words=words,
        )
    )


def left_behind(template: Mapping[str, Any]) -> dict[str, str]:
    """Logical id → Retain or Snapshot: what goes on after its stack is deleted."""
    kept = {one: keep_of(template, one) for one in template.get("Resources", {})}
    return {one: keep for one, keep in kept.items() if keep in ("Retain", "Snapshot")}

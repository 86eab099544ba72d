"""One stack at CloudFormation: proposed as a change set, executed and followed, protected, compared, deleted."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import Clients, asking, code_of
from bongsu.infra.deploy.changes import Change, changes_of
from bongsu.infra.deploy.state import (
    Drift,
    Event,
    Standing,
    Timing,
    drift_of,
    event_of,
    failure,
    refuse_unready,
)
from bongsu.infra.render.cfn import Template
from bongsu.kit.errors import Conflict, Invalid
from bongsu.kit.i18n import say

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
BODY_LIMIT_BYTES = 51_200  # of a template that is sent with the call itself
FILE_LIMIT_BYTES = 1_000_000  # of one that AWS reads from a bucket
PROPOSE_FOR_S = 600.0
EXECUTE_FOR_S = 3 * 3600.0  # a database in two zones, a certificate, a distribution
NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


class Stacks:
    """Those of one region."""

    def __init__(
        self, clients: Clients, region: str, artefacts: Artefacts, timing: Timing | None = None
    ) -> None:
        self.client, self.region = clients("cloudformation", region), region
        self.artefacts, self.timing = artefacts, timing or Timing()

    def standing(self, name: str) -> Standing | None:
        try:
            with asking(name):
                (found,) = self.client.describe_stacks(StackName=name)["Stacks"]
        except Invalid as error:
            if _is_missing(error):
                return None
            raise
        if found["StackStatus"] == "DELETE_COMPLETE":
            return None
        outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
        protected = bool(found.get("EnableTerminationProtection"))
        return Standing(name, found["StackStatus"], outputs, protected)

    def template(self, name: str) -> dict[str, Any]:
        """What is deployed now."""
        with asking(name):
            body = self.client.get_template(StackName=name)["TemplateBody"]
        return dict(json.loads(body) if isinstance(body, str) else body)

    # --- change sets

    def propose_parameters(
        self, name: str, parameters: Mapping[str, str], word: str
    ) -> tuple[Change, ...]:
        """The template that stands, with these parameters changed. Raises Invalid for one that it has not."""
        with asking(name):
            (found,) = self.client.describe_stacks(StackName=name)["Stacks"]
        known = [str(one["ParameterKey"]) for one in found.get("Parameters", [])]
        if missing := sorted(set(parameters) - set(known)):
            names = ", ".join(missing)
            said = say("The stack {stack} has no parameter {names}. Deploy it first.",
                       stack=name, names=names)  # fmt: skip
            raise Invalid(said)
        kept = [
            {"ParameterKey": key, "UsePreviousValue": True}
            for key in known
            if key not in parameters
        ]
        try:
            with asking(name):
                self.client.create_change_set(
                    StackName=name,
                    ChangeSetName=word,
                    ChangeSetType="UPDATE",
                    UsePreviousTemplate=True,
                    Capabilities=CAPABILITIES,
                    Parameters=[*kept, *_pairs("Parameter", parameters)],
                )
        except Invalid as error:
            if _is_nothing(str(error)):
                return ()
            raise
        return self._proposed(name, word)

    def propose(
        self, template: Template, parameters: Mapping[str, str], tags: Mapping[str, str], word: str
    ) -> tuple[Change, ...]:
        """What would change; empty: nothing, and no change set is left. `word`: the name of the change set."""
        standing = self.standing(template.name)
        refuse_unready(standing)
        new = standing is None or standing.is_new
        try:
            with asking(template.name):
                self.client.create_change_set(
                    StackName=template.name,
                    ChangeSetName=word,
                    ChangeSetType="CREATE" if new else "UPDATE",
                    **self._sent(template),
                    Capabilities=CAPABILITIES,
                    Parameters=_pairs("Parameter", parameters),
                    Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                )
        except Invalid as error:
            if _is_nothing(str(error)):
                return ()
            raise
        return self._proposed(template.name, word)

    def _sent(self, template: Template) -> dict[str, str]:
        """With the call itself, or by the address of a file."""
        text = body_of(template)
        if len(text.encode()) <= BODY_LIMIT_BYTES:
            return {"TemplateBody": text}
        return {"TemplateURL": self.artefacts.put_template(text, self.region)}

    def _proposed(self, name: str, word: str) -> tuple[Change, ...]:
        for _ in self.timing.looks(PROPOSE_FOR_S, name):
            with asking(name):
                found = self.client.describe_change_set(StackName=name, ChangeSetName=word)
            if found["Status"] == "CREATE_COMPLETE":
                return changes_of(name, self._pages(name, word, found))
            if found["Status"] == "FAILED":
                break
        self.discard(name, word)
        reason = str(found.get("StatusReason", ""))
        if _is_nothing(reason):
            return ()
        raise Invalid(say("AWS refused {what}: {why}", what=name, why=reason))

    def _pages(self, name: str, word: str, first: Mapping[str, Any]) -> list[Any]:
        changes, token = list(first.get("Changes", [])), first.get("NextToken")
        while token:
            with asking(name):
                page = self.client.describe_change_set(
                    StackName=name, ChangeSetName=word, NextToken=token
                )
            changes += page["Changes"]
            token = page.get("NextToken")
        return changes

    def discard(self, name: str, word: str) -> None:
        """A change set that is not wanted; and the empty stack that it made, if it did."""
        with asking(name):
            self.client.delete_change_set(StackName=name, ChangeSetName=word)
        standing = self.standing(name)
        if standing and standing.is_new:
            with asking(name):
                self.client.delete_stack(StackName=name)

    def execute(self, name: str, word: str, tell: Callable[[Event], None]) -> Standing:
        """Follows it to its end. Raises Conflict with the first cause when it fails and is rolled back.

        What was made a moment ago goes with the roll-back, whatever its policy: a bucket that stayed under its
        fixed name would stop the next try.
        """
        seen = {one["EventId"] for one in self._events(name)}
        with asking(name):
            self.client.execute_change_set(
                StackName=name, ChangeSetName=word, RetainExceptOnCreate=True
            )
        return self._followed(name, seen, tell, ("CREATE_COMPLETE", "UPDATE_COMPLETE"))

    def _followed(
        self, name: str, seen: set[str], tell: Callable[[Event], None], good: tuple[str, ...]
    ) -> Standing:
        failed: list[Event] = []
        for _ in self.timing.looks(EXECUTE_FOR_S, name):
            standing = self.standing(name)
            failed += self._told(name, seen, tell)
            if standing is None:
                break
            if standing.status in good:
                return standing
            if not standing.status.endswith("_IN_PROGRESS"):
                raise failure(standing, failed)
        raise Conflict(say("The stack {stack} is gone.", stack=name))

    def _told(self, name: str, seen: set[str], tell: Callable[[Event], None]) -> list[Event]:
        """Tells what is new, oldest first; gives what failed of it."""
        failed = []
        for raw in reversed(self._events(name)):
            if raw["EventId"] not in seen:
                seen.add(raw["EventId"])
                event = event_of(name, raw)
                tell(event)
                failed += [event] if event.failed else []
        return failed

    def _events(self, name: str) -> list[dict[str, Any]]:
        with asking(name):
            return list(self.client.describe_stack_events(StackName=name)["StackEvents"])

    # --- afterwards

    def protect(self, name: str, *, on: bool) -> None:
        with asking(name):
            self.client.update_termination_protection(
                StackName=name, EnableTerminationProtection=on
            )

    def delete(self, name: str, tell: Callable[[Event], None]) -> None:
        """Follows it until nothing is left. Raises Conflict with the cause when something stays."""
        seen = {one["EventId"] for one in self._events(name)}
        with asking(name):
            self.client.delete_stack(StackName=name)
        failed: list[Event] = []
        for _ in self.timing.looks(EXECUTE_FOR_S, name):
            standing = self.standing(name)
            if standing is None:
                return
            failed += self._told(name, seen, tell)
            if standing.status == "DELETE_FAILED":
                raise failure(standing, failed)

    def drift(self, name: str) -> tuple[Drift, ...]:
        """What differs from the template by somebody's hand; AWS compares only the types that it can."""
        with asking(name):
            started = self.client.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
        for _ in self.timing.looks(PROPOSE_FOR_S, name):
            with asking(name):
                state = self.client.describe_stack_drift_detection_status(
                    StackDriftDetectionId=started
                )
            if state["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
        with asking(name):
            answer = self.client.describe_stack_resource_drifts(
                StackName=name, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]
            )
        return tuple(drift_of(name, one) for one in answer["StackResourceDrifts"])


def body_of(template: Template) -> str:
    """Without the spaces that are for readers. Raises Invalid above AWS's limit."""
    text = json.dumps(template.body, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > FILE_LIMIT_BYTES:
        raise Invalid(
            say(
                "The template of {stack} has {size} bytes; AWS takes {limit}. Split the architecture.",
                stack=template.name,
                size=len(text.encode()),
                limit=FILE_LIMIT_BYTES,
            )
        )
    return text


def _pairs(word: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{f"{word}Key": key, f"{word}Value": value} for key, value in values.items()]


def _is_missing(error: Invalid) -> bool:
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


def _is_nothing(reason: str) -> bool:
    return any(word in reason for word in NOTHING_TO_DO)

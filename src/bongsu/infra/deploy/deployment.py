"""An environment brought to AWS: stack after stack, nothing that holds data lost without a word of consent.

Every stack that stands already is looked at before the first is changed; the outputs of each become parameters of
those behind it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.infra.deploy.account import refuse_other_account
from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import Clients
from bongsu.infra.deploy.changes import (
    Change,
    dangers,
    foreseen,
    left_behind,
    refuse,
    removals,
)
from bongsu.infra.deploy.givens import found_givens, refuse_without_roles
from bongsu.infra.deploy.guards import guarded, take_off
from bongsu.infra.deploy.marks import mark_deployed
from bongsu.infra.deploy.push import PushApplications
from bongsu.infra.deploy.service_roles import make_service_role
from bongsu.infra.deploy.stacks import Stacks
from bongsu.infra.deploy.state import Drift, Event, Standing, Timing
from bongsu.infra.graph import ORDER, Graph, Stack
from bongsu.infra.plan.model import Plan
from bongsu.infra.render.cfn import Template, templates
from bongsu.kit.errors import BongsuError, Conflict
from bongsu.kit.i18n import say

LAST = ORDER[-1]  # the stack whose programs use the push applications
PROTECTED = ("network", "data")  # in production CloudFormation refuses to delete these


def _nothing(_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """`images`: service → uri. `replace_data`: logical ids or names of parts whose data may be lost.

    `run`: the name of this deployment's change sets, new each time. `until`: the last stack that is deployed,
    such as `data` while the registry that it makes has no image yet. `make_bucket`: whether the architecture may
    get a bucket for what is too long for a call.
    """

    run: str
    images: Mapping[str, str] = field(default_factory=dict)
    replace_data: Collection[str] = ()
    until: Stack | None = None
    make_bucket: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """Who is told: `show` the changes of a stack before it is changed, `tell` each event meanwhile."""

    show: Callable[[str, tuple[Change, ...]], None] = lambda _stack, _changes: None
    tell: Callable[[Event], None] = _nothing


class Deployment:
    """One environment of one file in one account."""

    def __init__(
        self, plan: Plan, graph: Graph, clients: Clients, timing: Timing | None = None
    ) -> None:
        self.plan, self.clients, self.timing = plan, clients, timing or Timing()
        self.artefacts = Artefacts(plan.architecture.name, clients)
        self.templates = templates(plan, graph)
        self.push = PushApplications(plan.architecture, clients)
        self.parts = {
            one.id: str(one.path[1]) for one in graph.resources.values() if len(one.path) > 1
        }

    def preview(self, wishes: Wishes, voice: Voice | None = None) -> tuple[Change, ...]:
        """What would change, as far as AWS can be asked now; nothing is changed.

        Raises Invalid for what cannot be found, Conflict for data that would be lost or a stack that is busy.
        """
        refuse_other_account(self.plan.architecture, self.clients)
        self.artefacts.may_make = wishes.make_bucket
        found, standing = list[Change](), self._usable()
        for template in self._wanted(wishes):
            if template.stack == LAST and (made := self.push.preview()):
                (voice or Voice()).show(self.push.stack, made)
                found += made
            changes = self._preview(template, wishes, standing)
            (voice or Voice()).show(template.name, changes)
            found += changes
        return tuple(found)

    def deploy(self, wishes: Wishes, voice: Voice | None = None) -> dict[str, dict[str, str]]:
        """The outputs of every stack by its name. Raises as `preview` does, and Conflict when a stack fails."""
        self.preview(wishes)
        heard = voice or Voice()
        for template in self._wanted(wishes):
            if template.stack == LAST:
                _tell_all(self.push.make(), heard)
            self._deploy(template, wishes, heard)
        return self.outputs()

    def outputs(self) -> dict[str, dict[str, str]]:
        return {name: standing.outputs for name, standing in self._standing().items()}

    def drift(self) -> tuple[Drift, ...]:
        """What somebody changed by hand, in every stack that stands. Raises Conflict in the wrong account."""
        refuse_other_account(self.plan.architecture, self.clients)
        standing = self._standing()
        return tuple(
            one
            for template in self.templates
            if template.name in standing
            for one in self._stacks(template).drift(template.name)
        )

    def delete(
        self, wishes: Wishes, voice: Voice | None = None, *, unprotect: bool = False
    ) -> dict[str, dict[str, str]]:
        """In reverse order. Gives, by stack, what goes on in AWS: logical id → Retain or Snapshot.

        Raises Conflict for a protected stack without `unprotect`, and for data that nobody agreed to lose.
        """
        refuse_other_account(self.plan.architecture, self.clients)
        standing = self._standing()
        deployed = {
            template.name: self._stacks(template).template(template.name)
            for template in self.templates
            if template.name in standing
        }
        if not unprotect:
            _refuse_protected(standing, deployed)
        lost = [change for name, body in deployed.items() for change in removals(name, body)]
        refuse(dangers(lost, {}, wishes.replace_data, self.parts))
        for template in self.templates:  # of all before the first goes: EKS takes a while
            if template.name in deployed:
                take_off(self.clients, template.region, template.name, deployed[template.name])
        for template in reversed(self.templates):
            if template.name in standing:
                self._delete(template, standing[template.name], voice or Voice())
            if template.stack == LAST:  # what used them is gone
                _tell_all(self.push.delete(), voice or Voice())
        return {name: left_behind(body) for name, body in deployed.items() if left_behind(body)}

    def _wanted(self, wishes: Wishes) -> tuple[Template, ...]:
        last = ORDER.index(wishes.until or ORDER[-1])
        return tuple(one for one in self.templates if ORDER.index(one.stack) <= last)

    def _usable(self) -> dict[str, Standing]:
        """Without those that never came to be, which are made as if they were not there."""
        return {name: one for name, one in self._standing().items() if not one.never_was}

    # --- one stack

    def _stacks(self, template: Template) -> Stacks:
        return Stacks(self.clients, template.region, self.artefacts, self.timing)

    def _standing(self) -> dict[str, Standing]:
        found = {one.name: self._stacks(one).standing(one.name) for one in self.templates}
        return {name: one for name, one in found.items() if one and not one.is_new}

    def _preview(
        self, template: Template, wishes: Wishes, standing: Mapping[str, Standing]
    ) -> tuple[Change, ...]:
        refuse_without_roles(template, self.clients)
        stacks = self._stacks(template)
        givens = found_givens(template, self.clients, wishes.images)
        if template.name not in standing:
            return foreseen(template.name, {}, template.body)
        deployed = stacks.template(template.name)
        needed = _needed(template, standing)
        if needed is None:
            changes = foreseen(template.name, deployed, template.body)
        else:
            word = f"{wishes.run}-look"
            changes = stacks.propose(template, givens | needed, self._tags(), word)
            if changes:
                stacks.discard(template.name, word)
        refuse(dangers(changes, deployed, wishes.replace_data, self.parts))
        return changes

    def _deploy(self, template: Template, wishes: Wishes, voice: Voice) -> None:
        stacks, standing = self._stacks(template), self._usable()
        needed = _needed(template, standing)
        if needed is None:
            raise Conflict(
                say(
                    "{stack} needs {outputs} of stacks that do not give it.",
                    stack=template.name,
                    outputs=", ".join(_missing(template, standing)),
                )
            )
        parameters = found_givens(template, self.clients, wishes.images) | needed
        if template.name not in standing:
            self._clear(template, stacks, voice)
        changes = stacks.propose(template, parameters, self._tags(), wishes.run)
        voice.show(template.name, changes)
        if changes:
            self._refuse_dangers(template, stacks, changes, wishes)
            if template.name not in standing:
                make_service_role(template, self.clients, self.timing)
            stacks.execute(template.name, wishes.run, voice.tell)
        if self.plan.architecture.production and template.stack in PROTECTED:
            self._protect(template, stacks)

    def _clear(self, template: Template, stacks: Stacks, voice: Voice) -> None:
        """What is left of a first try that failed: guards keep its parts from going by themselves."""
        left = stacks.standing(template.name)
        if left and left.never_was:
            body = stacks.template(template.name)
            take_off(self.clients, template.region, template.name, body)
            stacks.delete(template.name, voice.tell)

    def _refuse_dangers(
        self, template: Template, stacks: Stacks, changes: tuple[Change, ...], wishes: Wishes
    ) -> None:
        """With what is certain now: outputs of stacks before it may have changed; and images must be there."""
        standing = stacks.standing(template.name)
        deployed = stacks.template(template.name) if standing and not standing.is_new else {}
        try:
            refuse(dangers(changes, deployed, wishes.replace_data, self.parts))
            if template.stack == LAST:
                mark_deployed(self.plan.architecture, wishes.images, wishes.run, self.clients)
        except BongsuError:
            stacks.discard(template.name, wishes.run)
            raise

    def _protect(self, template: Template, stacks: Stacks) -> None:
        standing = stacks.standing(template.name)
        if standing and not standing.protected:
            stacks.protect(template.name, on=True)

    def _delete(self, template: Template, standing: Standing, voice: Voice) -> None:
        stacks = self._stacks(template)
        if standing.protected:
            stacks.protect(template.name, on=False)
        stacks.delete(template.name, voice.tell)

    def _tags(self) -> dict[str, str]:
        architecture = self.plan.architecture
        return {
            "bongsu:architecture": architecture.name,
            "bongsu:environment": architecture.environment,
        }


def _tell_all(events: Iterable[Event], voice: Voice) -> None:
    for event in events:
        voice.tell(event)


def _needed(template: Template, standing: Mapping[str, Standing]) -> dict[str, str] | None:
    """The parameters that are outputs of other stacks; None where one is not there yet."""
    if _missing(template, standing):
        return None
    return {name: standing[stack].outputs[name] for name, stack in template.needs.items()}


def _missing(template: Template, standing: Mapping[str, Standing]) -> tuple[str, ...]:
    return tuple(
        name
        for name, stack in template.needs.items()
        if stack not in standing or name not in standing[stack].outputs
    )


def _refuse_protected(
    standing: Mapping[str, Standing], deployed: Mapping[str, dict[str, Any]]
) -> None:
    """Stacks by our own protection, and what AWS would not delete."""
    stacks = [name for name, one in standing.items() if one.protected]
    parts = [f"{name}/{key}" for name, body in deployed.items() for key in guarded(body)]
    if stacks or parts:
        raise Conflict(
            say(
                "{stacks} are protected from deletion. Nothing was deleted. If that is meant, say --unprotect.",
                stacks=", ".join([*stacks, *parts]),
            )
        )

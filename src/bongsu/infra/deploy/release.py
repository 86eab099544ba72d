"""New images into what stands: the template as it is deployed, other images, and nothing else.

ECS brings new tasks beside the old ones. Where they do not become healthy its circuit breaker goes back, the stack
with it, and the release fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bongsu.infra.delivery.delivery import cluster_of
from bongsu.infra.deploy.account import refuse_other_account
from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import Clients
from bongsu.infra.deploy.changes import dangers, refuse
from bongsu.infra.deploy.deployment import Voice
from bongsu.infra.deploy.givens import code_of_function
from bongsu.infra.deploy.marks import mark_deployed
from bongsu.infra.deploy.stacks import Stacks
from bongsu.infra.deploy.state import Timing
from bongsu.infra.graph import logical_id
from bongsu.infra.plan.model import Plan
from bongsu.infra.render.cfn import stack_name
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say

FIXED = re.compile(r"@sha256:[0-9a-f]{64}$|:[\w][\w.-]{0,127}$")


@dataclass(frozen=True, slots=True)
class Release:
    """`images`: service → uri, function → `s3://bucket/key`. `run`: the name of the change set."""

    plan: Plan
    images: Mapping[str, str]
    run: str

    def parameters(self) -> dict[str, str]:
        """Raises Invalid for a service that is not built here, or an image that could be another one tomorrow."""
        services, parameters = self.plan.architecture.services, dict[str, str]()
        for name, uri in self.images.items():
            if name in self.plan.architecture.functions:
                parameters |= code_parameters(name, uri)
                continue
            if name not in services or not services[name].image.build:
                known = ", ".join(one for one, block in services.items() if block.image.build)
                said = say("{name} is no service whose image is built. Known here: {names}.",
                           name=name, names=known or "–")  # fmt: skip
                raise Invalid(said)
            if cluster := cluster_of(self.plan.architecture, name):
                said = say(
                    "{name} runs on the cluster {cluster}: kubectl starts its new image, and infra mark keeps it.",
                    name=name,
                    cluster=cluster,
                )
                raise Invalid(said)
            if uri.endswith(":latest") or not FIXED.search(uri):
                raise Invalid(
                    say("The image {uri} has no fixed version: name a commit or a digest.", uri=uri)
                )
            parameters[logical_id("image", name)] = uri
        if not self.images:
            raise Invalid(say("Which image? Say it: --image SERVICE=REGISTRY/NAME:TAG."))
        return parameters

    def make(self, clients: Clients, voice: Voice, timing: Timing | None = None) -> bool:
        """False: this is what runs already. Raises Conflict for the wrong account, a stack that is not there,
        a change that would lose data, or a release that failed and went back."""
        parameters, architecture = self.parameters(), self.plan.architecture
        refuse_other_account(architecture, clients)
        stacks, name = (
            Stacks(clients, architecture.region, Artefacts(architecture.name, clients), timing),
            stack_name(self.plan, "app", None),
        )
        standing = stacks.standing(name)
        if standing is None or standing.is_new or standing.never_was:
            raise Conflict(say("The stack {stack} is not there. Deploy it first.", stack=name))
        changes = stacks.propose_parameters(name, parameters, self.run)
        voice.show(name, changes)
        if not changes:
            return False
        try:
            refuse(dangers(changes, stacks.template(name), (), {}))
            mark_deployed(architecture, self.images, self.run, clients)
        except BongsuError:
            stacks.discard(name, self.run)
            raise
        stacks.execute(name, self.run, voice.tell)
        return True


def code_parameters(function: str, address: str) -> dict[str, str]:
    """Raises Invalid where it is no package in a bucket."""
    bucket, key = code_of_function(function, address)
    return {logical_id("code-bucket", function): bucket, logical_id("code-key", function): key}

"""Mobile push: SNS's applications, which CloudFormation does not know, made from keys in Secrets Manager.

Each has a name that follows from the file, so that its ARN is known before it is there, and the same deployment
again finds it and hands the key over anew: a key that was changed is taken up. A key is never kept or shown.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bongsu.infra.deploy.aws import Clients, asking, code_of
from bongsu.infra.deploy.changes import Change
from bongsu.infra.deploy.state import Event
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.messages import Apns, Fcm
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

TYPE = "AWS::SNS::PlatformApplication"  # as it would be called
APNS_KEYS = ("key_id", "team_id", "key")
FCM_KEYS = ("project_id", "client_email", "private_key")


@dataclass(frozen=True, slots=True)
class Application:
    """`name`: in AWS; `part`: in the file."""

    part: str
    name: str
    platform: str
    block: Apns | Fcm

    @property
    def id(self) -> str:
        return f"{self.part}/{self.platform}"


def applications(architecture: Architecture) -> tuple[Application, ...]:
    return tuple(
        Application(name, f"{architecture.stem}-{name}", platform, block)
        for name, push in architecture.push.items()
        for platform, block in push.platforms.items()
    )


def arn_of(platform: str, name: str, clients: Clients, region: str) -> str:
    """Whether it is there or not."""
    with asking(name):
        who = clients("sts", region).get_caller_identity()
    partition = str(who["Arn"]).split(":")[1]
    return f"arn:{partition}:sns:{region}:{who['Account']}:app/{platform}/{name}"


class PushApplications:
    """Those of one environment."""

    def __init__(self, architecture: Architecture, clients: Clients) -> None:
        self.region, self.stack = architecture.region, f"{architecture.stem}-push"
        self.wanted, self.clients = applications(architecture), clients

    def preview(self) -> tuple[Change, ...]:
        """What would be made. One that stands gets its key again, which changes nothing that can be seen."""
        return tuple(
            Change(self.stack, "Add", one.id, TYPE)
            for one in self.wanted
            if not self._stands(self._arn(one))
        )

    def make(self) -> Iterator[Event]:
        """Raises Invalid for a key that is not there or not whole, by its name, and what AWS refuses."""
        for one in self.wanted:
            arn, attributes = self._arn(one), self._attributes(one)
            if self._stands(arn):
                self._again(one, arn, attributes)
                yield self._event(one, "UPDATE_COMPLETE")
            else:
                self._create(one, attributes)
                yield self._event(one, "CREATE_COMPLETE")

    def delete(self) -> Iterator[Event]:
        """With the devices that were registered there: apps register again when they are opened."""
        for one in self.wanted:
            arn = self._arn(one)
            if self._stands(arn):
                with asking(one.id):
                    self._sns().delete_platform_application(PlatformApplicationArn=arn)
                yield self._event(one, "DELETE_COMPLETE")

    def _sns(self) -> Any:
        return self.clients("sns", self.region)

    def _arn(self, one: Application) -> str:
        return arn_of(one.platform, one.name, self.clients, self.region)

    def _event(self, one: Application, status: str) -> Event:
        return Event(self.stack, one.id, TYPE, status, "")

    def _stands(self, arn: str) -> bool:
        try:
            with asking(arn):
                self._sns().get_platform_application_attributes(PlatformApplicationArn=arn)
        except Invalid as error:
            if code_of(error) in ("NotFound", "NotFoundException"):
                return False
            raise
        return True

    def _create(self, one: Application, attributes: dict[str, str]) -> None:
        with asking(one.id):
            self._sns().create_platform_application(
                Name=one.name, Platform=one.platform, Attributes=attributes
            )

    def _again(self, one: Application, arn: str, attributes: dict[str, str]) -> None:
        with asking(one.id):
            self._sns().set_platform_application_attributes(
                PlatformApplicationArn=arn, Attributes=attributes
            )

    def _attributes(self, one: Application) -> dict[str, str]:
        if isinstance(one.block, Apns):
            key = self._key(one, APNS_KEYS)
            return {
                "PlatformPrincipal": str(key["key_id"]),
                "PlatformCredential": str(key["key"]),
                "ApplePlatformTeamID": str(key["team_id"]),
                "ApplePlatformBundleID": one.block.bundle,
            }
        return {"PlatformCredential": json.dumps(self._key(one, FCM_KEYS))}

    def _key(self, one: Application, needed: tuple[str, ...]) -> dict[str, Any]:
        """Raises Invalid naming the secret, never what is in it."""
        secret = one.block.secret
        if secret is None:
            raise Invalid(say("{name} has no key: name it under secret.", name=one.id))
        with asking(secret):
            answer = self.clients("secretsmanager", self.region).get_secret_value(SecretId=secret)
        try:
            found = json.loads(answer.get("SecretString", ""))
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(found.get(name) for name in needed):
            raise Invalid(
                say(
                    "The secret {secret} is no key for {name}: JSON with {fields} is needed.",
                    secret=secret,
                    name=one.id,
                    fields=", ".join(needed),
                )
            ) from None
        return found

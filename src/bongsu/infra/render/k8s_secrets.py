"""Secrets and addresses: fetched by the pod's own role when it begins, and given to it as variables.

The add-on of AWS for the Secrets Store driver does it; nothing of them stands in a manifest.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from bongsu.infra.build.addresses import secret_name
from bongsu.infra.build.pods import addressed, parameter
from bongsu.infra.build.policies import SSM
from bongsu.infra.build.site import Site
from bongsu.infra.model.compute import Service
from bongsu.infra.places import PLACE

VOLUME, PLACE_OF_FILES = "secrets", "/mnt/secrets"
MANAGER, PARAMETER = "secretsmanager", "ssmparameter"


@dataclass(frozen=True, slots=True)
class Secrets:
    """`objects`: variable → its name in a store of AWS, and which store."""

    service: str
    region: str
    objects: dict[str, tuple[str, str]]

    def document(self, metadata: dict[str, Any]) -> dict[str, Any]:
        asked = [
            {"objectName": name, "objectType": kind, "objectAlias": variable}
            for variable, (name, kind) in self.objects.items()
        ]
        given = [{"objectName": variable, "key": variable} for variable in self.objects]
        return {
            "apiVersion": "secrets-store.csi.x-k8s.io/v1",
            "kind": "SecretProviderClass",
            "metadata": metadata,
            "spec": {
                "provider": "aws",
                "parameters": {
                    "usePodIdentity": "true",
                    "region": self.region,
                    "objects": yaml.safe_dump(asked, sort_keys=False, width=1000),
                },
                "secretObjects": [{"secretName": self.service, "type": "Opaque", "data": given}],
            },
        }

    def volume(self) -> dict[str, Any]:
        """The variables come into being when this is mounted."""
        return {
            "name": VOLUME,
            "csi": {
                "driver": "secrets-store.csi.k8s.io",
                "readOnly": True,
                "volumeAttributes": {"secretProviderClass": self.service},
            },
        }

    def mount(self) -> dict[str, Any]:
        return {"name": VOLUME, "mountPath": PLACE_OF_FILES, "readOnly": True}

    def environment(self) -> list[dict[str, Any]]:
        return [
            {"name": one, "valueFrom": {"secretKeyRef": {"name": self.service, "key": one}}}
            for one in self.objects
        ]


def secrets_of(site: Site, name: str, block: Service) -> Secrets | None:
    objects = {
        variable: (parameter(site, name, variable), PARAMETER) for variable in addressed(block)
    }
    objects |= {variable: _kept(site, text) for variable, text in block.secrets.items()}
    return Secrets(name, site.architecture.region, objects) if objects else None


def _kept(site: Site, text: str) -> tuple[str, str]:
    if text.startswith(SSM):
        return f"/{text.removeprefix(SSM).lstrip('/')}", PARAMETER
    if database := PLACE.fullmatch(text):
        return str(secret_name(site, database[1])), MANAGER
    return text, MANAGER

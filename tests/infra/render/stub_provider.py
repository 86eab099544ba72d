"""Providers for Terraform that know schemas and nothing else, run with what requirements/terraform.txt names.

    python stub_provider.py SCHEMAS.json FOLDER

SCHEMAS.json: provider → {"resources": {type: [attribute …]}, "data": …, "provider": …}. Prints the value of
TF_REATTACH_PROVIDERS as one line, and serves until it is ended.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from tf.gen import grpc_controller_pb2 as controller
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.iface import DataSource, Provider, Resource
from tf.provider import ProviderServicer
from tf.schema import Schema

PASSWORD = json.dumps({"username": "a", "password": "b"})  # what a secret that is looked up holds
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}


class Attribute:
    """Of a schema; `told` as tests/infra/render/tf_schemas.py writes it. Values pass as they come."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.name, self.type = told, told["name"], self
        self.computed = bool(told.get("computed"))
        self.required, self.optional = bool(told.get("required")), bool(told.get("optional"))
        self.requires_replace = False

    @property
    def default(self) -> Any:
        from tf.types import Unknown

        return Unknown

    def encode(self, value: Any) -> Any:
        return value

    decode = encode

    def semantically_equal(self, one: Any, other: Any) -> bool:
        return bool(one == other)

    def to_pb(self) -> Any:
        said = {key: True for key in ("required", "optional", "computed") if self.told.get(key)}
        if "nested" not in self.told:
            kind = json.dumps(self.told["type"]).encode()
            return pb.Schema.Attribute(name=self.name, type=kind, **said)
        inner = [Attribute(one).to_pb() for one in self.told["nested"]]
        shape = pb.Schema.Object(attributes=inner, nesting=NESTING[self.told["nesting"]])
        return pb.Schema.Attribute(name=self.name, nested_type=shape, **said)


def kind(base: type, name: str, attributes: list[dict[str, Any]]) -> type:
    """A class as the library wants one for each type."""
    schema = Schema(attributes=[Attribute(one) for one in attributes], version=1)

    def read(self: Any, ctx: Any, config: dict[str, Any]) -> dict[str, Any]:
        return {one["name"]: config.get(one["name"]) or _made_up(one) for one in attributes}

    own = {"get_name": classmethod(lambda cls: name), "get_schema": classmethod(lambda cls: schema)}
    more = dict.fromkeys(("create", "update", "delete"), lambda *_: None)
    return type(name, (base,), {**own, **more, "read": read})


def _made_up(attribute: dict[str, Any]) -> Any:
    if attribute["name"] == "secret_string":
        return PASSWORD
    return {"string": "made-up", "number": 1, "bool": False}.get(attribute["type"])


class Told(Provider):
    def __init__(self, name: str, told: dict[str, Any]) -> None:
        self.name, self.told = name, told
        made = {
            section: [kind(base, one, of) for one, of in told[section].items()]
            for section, base in (("resources", Resource), ("data", DataSource))
        }
        self.resources, self.data = made["resources"], made["data"]

    def get_model_prefix(self) -> str:
        return ""

    def full_name(self) -> str:
        return f"hashicorp/{self.name}"

    def get_provider_schema(self, diags: Any) -> Schema:
        return Schema(attributes=[Attribute(one) for one in self.told["provider"]])

    def validate_config(self, diags: Any, config: Any) -> None: ...

    def configure_provider(self, diags: Any, config: Any) -> None: ...

    def new_resource(self, klass: type) -> Any:
        return klass()

    new_data_source = new_resource

    def get_data_sources(self) -> list[type]:
        return self.data

    def get_resources(self) -> list[type]:
        return self.resources


class Controller(controller_rpc.GRPCControllerServicer):
    def Shutdown(self, request: Any, context: Any) -> Any:
        return controller.Empty()


class Stdio(stdio_rpc.GRPCStdioServicer):
    def StreamStdio(self, request: Any, context: Any) -> Any:
        return iter(())


def serve(provider: Told, socket: Path) -> grpc.Server:
    limits = [(f"grpc.max_{way}_message_length", -1) for way in ("send", "receive")]
    server = grpc.server(ThreadPoolExecutor(8), options=limits)
    rpc.add_ProviderServicer_to_server(ProviderServicer(provider), server)
    controller_rpc.add_GRPCControllerServicer_to_server(Controller(), server)
    stdio_rpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    return server


def main() -> None:
    schemas, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    servers, told = [], {}
    for name, schema in schemas.items():
        provider, socket = Told(name, schema), folder / f"{name}.sock"
        servers.append(serve(provider, socket))
        told[provider.full_name()] = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": str(socket)},
        }
    print(json.dumps(told), flush=True)
    for server in servers:
        server.wait_for_termination()


if __name__ == "__main__":
    main()

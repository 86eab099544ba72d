"""Every check kind keeps the contract of its shelf; a new kind is tested here without a line more."""

import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from bongsu.kit.i18n import Said, catalogue
from bongsu.kit.kind import Kind
from bongsu.kit.redact import is_secret_name
from bongsu.watch.conditions import compile_condition
from bongsu.watch.model import FAULT_KINDS, Observation
from bongsu.watch.target import TARGET_NAMES, host_of, target_of
from tests.net.servers import (
    PUBLIC_ONLY,
    Zone,
    black_hole,
    dead_name_server,
    name_server,
    open_sockets,
    until,
)
from tests.ports import free_port
from tests.watch.checks.support import SHELF, look, probing

KINDS = SHELF.ids()
SERVER_MODULES = {"sqlalchemy", "fastapi", "boto3", "uvicorn", "jinja2"}


def spec(kind: str) -> Kind:
    return SHELF.spec(kind)


def aimed_at(kind: str, place: str) -> dict[str, str]:
    """The least options that look at `host:port`."""
    fields = spec(kind).options.model_fields
    name = next(name for name in TARGET_NAMES if name in fields)
    return {name: f"http://{place}/" if name == "url" else place}


def test_the_shelf_holds_what_the_issue_asks_for():
    assert {"http", "tcp", "tls"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_id_is_its_file_name_and_it_declares_itself(kind):
    module = SHELF.module(kind)

    assert kind == spec(kind).id
    assert isinstance(spec(kind).label, Said)
    assert issubclass(spec(kind).options, BaseModel)
    assert inspect.iscoroutinefunction(module.probe)
    assert module.DEFAULT_EXPECT
    for condition in module.DEFAULT_EXPECT:
        compile_condition(condition)


@pytest.mark.parametrize("kind", KINDS)
def test_its_examples_are_valid_and_come_back_the_same(kind):
    assert spec(kind).examples
    for example in spec(kind).examples:
        made = spec(kind).options.model_validate(example)

        assert made == spec(kind).options.model_validate_json(made.model_dump_json())
        assert target_of(example)
        assert host_of(example).endswith((".example.com", "192.0.2.7"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_target_alone_is_the_short_form(kind):
    (target,) = aimed_at(kind, "shop.example.com:443").values()

    short = spec(kind).options.model_validate(target)

    assert short == spec(kind).options.model_validate(aimed_at(kind, "shop.example.com:443"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_option_is_refused(kind):
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        spec(kind).options.model_validate(dict(spec(kind).examples[0]) | {"colour": "red"})


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_has_a_title_and_every_sentence_its_korean(kind):
    korean = catalogue("ko")
    schema = spec(kind).options.model_json_schema()

    assert spec(kind).label.text in korean
    for name, field in schema["properties"].items():
        assert field.get("title") in korean, name
        assert "description" not in field or field["description"] in korean, name
        assert not is_secret_name(name) or "reference" in field["description"], name


@pytest.mark.parametrize("kind", KINDS)
def test_its_schema_can_be_written_as_json(kind):
    assert "properties" in json.loads(json.dumps(spec(kind).options.model_json_schema()))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_black_hole_is_given_up_in_time(kind):
    with black_hole() as port:
        loop = asyncio.get_running_loop()
        began = loop.time()
        seen = await look(kind, aimed_at(kind, f"127.0.0.1:{port}"), timeout_s=0.4)
        took_s = loop.time() - began

    assert ("down", "connect_timeout", False) == (seen.level, seen.fault.kind, seen.connected)
    assert 0.35 < took_s < 10
    assert 300_000 < seen.total_us < 10_000_000


@pytest.mark.parametrize("kind", KINDS)
async def test_a_silent_name_server_is_given_up_in_time(kind):
    with dead_name_server() as server:
        loop = asyncio.get_running_loop()
        began = loop.time()
        options = aimed_at(kind, "shop.example.com:443")
        seen = await look(kind, options, timeout_s=0.3, nameservers=(server,))
        took_s = loop.time() - began

    assert "resolver" == seen.fault.kind
    assert 0.25 < took_s < 10


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cancelled_look_leaves_nothing_open(kind):
    module = SHELF.module(kind)
    with black_hole() as port:
        async with probing(timeout_s=5) as ctx:
            options = module.SPEC.options.model_validate(aimed_at(kind, f"127.0.0.1:{port}"))
            before = open_sockets()
            task = asyncio.create_task(module.probe(options, ctx))
            await until(lambda: open_sockets() != before)
            during = open_sockets()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(0)

            assert len(during) == len(before) + 1
            assert open_sockets() == before


@pytest.mark.parametrize("kind", KINDS)
async def test_faults_are_values_with_a_known_kind_and_a_reason_in_both_languages(kind):
    seen: list[Observation] = [await look(kind, aimed_at(kind, f"127.0.0.1:{free_port()}"))]
    seen.append(await look(kind, aimed_at(kind, "127.0.0.1:9"), policy=PUBLIC_ONLY))
    seen.append(await look(kind, aimed_at(kind, "169.254.169.254:80")))
    with name_server(Zone({})) as server:
        options = aimed_at(kind, "none.example.com:443")
        seen.append(await look(kind, options, nameservers=(server,)))

    assert ["connect_refused", "guard", "guard", "name"] == [one.fault.kind for one in seen]
    for one in seen:
        assert one.fault.kind in FAULT_KINDS
        assert ("down", False, None) == (one.level, one.ok, one.own)
        assert one.reason.to("ko") != one.reason.to("en")


@pytest.mark.parametrize("kind", KINDS)
def test_it_loads_no_server_code(kind):
    code = (
        f"import sys, bongsu.watch.checks.{kind}\n"
        f"print(sorted({SERVER_MODULES!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def test_no_kind_speaks_to_the_network_but_through_the_net_room():
    folder = Path(SHELF.module("http").__file__).parent
    for path in folder.glob("*.py"):
        for word in (
            "import socket",
            "import pycurl",
            "import aiodns",
            "import urllib",
            "open_connection",
        ):
            assert word not in path.read_text(encoding="utf-8"), f"{path.name}: {word}"

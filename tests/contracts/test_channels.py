"""Every channel kind keeps the contract of its shelf; a new kind is tested here without a line more."""

import inspect
import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from bongsu.deliver.kinds import SHELF, problems_of
from bongsu.deliver.model import DeliveryError
from bongsu.kit.i18n import Said, translate
from bongsu.kit.kind import Kind
from bongsu.kit.redact import HIDDEN, is_secret_name, redact_value
from tests.deliver.support import context, message

KINDS = SHELF.ids()
LOCALE = Path(__file__).resolve().parents[2] / "src/bongsu/web/locale/ko/deliver.json"


def spec(kind: str) -> Kind:
    return SHELF.spec(kind)


def test_the_shelf_holds_what_the_issue_asks_for():
    known = {"dynamodb", "eventbridge", "folder", "mail", "s3", "sns", "webhook"}
    assert known <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_its_id_is_its_file_name_and_it_declares_itself(kind):
    assert kind == spec(kind).id
    assert isinstance(spec(kind).label, Said)
    assert issubclass(spec(kind).options, BaseModel)


@pytest.mark.parametrize("kind", KINDS)
def test_its_examples_are_valid_and_come_back_the_same(kind):
    assert spec(kind).examples
    for example in spec(kind).examples:
        made = spec(kind).options.model_validate(example)
        again = spec(kind).options.model_validate_json(made.model_dump_json())

        assert () == problems_of(kind, example)
        assert made == again


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_option_is_refused_with_its_place(kind):
    options = dict(spec(kind).examples[0]) | {"colour": "red"}

    assert ["options.colour"] == [problem.where for problem in problems_of(kind, options)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_title_and_every_sentence_its_korean(kind):
    schema = spec(kind).options.model_json_schema()
    korean = json.loads(LOCALE.read_text(encoding="utf-8"))

    assert str(spec(kind).label) in korean
    for field in schema["properties"].values():
        assert field["title"] in korean
        assert field.get("description", field["title"]) in korean
        assert translate("ko", field["title"]) == korean[field["title"]]


@pytest.mark.parametrize("kind", KINDS)
def test_its_ladder_begins_at_once_and_never_grows_shorter(kind):
    ladder = SHELF.module(kind).LADDER_S

    assert 0 == ladder[0]
    assert sorted(ladder) == list(ladder)
    assert len(ladder) >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_send_is_asynchronous_and_takes_options_message_and_context(kind):
    send = SHELF.module(kind).send

    assert inspect.iscoroutinefunction(send)
    assert ["options", "message", "ctx"] == list(inspect.signature(send).parameters)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_option_takes_references_only_and_is_hidden_where_shown(kind):
    schema = spec(kind).options.model_json_schema()
    secrets = [
        name for name, field in schema["properties"].items() if "secret" in json.dumps(field)
    ]
    for name in [name for name in secrets if is_secret_name(name)]:
        with pytest.raises(ValidationError, match="reference"):
            spec(kind).options.model_validate(dict(spec(kind).examples[0]) | {name: "hunter2"})

        assert {name: HIDDEN} == redact_value("options", {name: "hunter2"})


OUTSIDE_IS_AWAY = {
    "mail": {"to": ["kim@example.com"]},
    "folder": {"path": "/proc/nowhere"},
    "webhook": {"url": "https://hooks.example.com/", "secret": "env:NO_SUCH_SECRET"},
    "sns": {
        "topic": "arn:aws:sns:ap-northeast-2:123456789012:alarms",
        "endpoint": "http://127.0.0.1:9",
    },
    "dynamodb": {"table": "log", "region": "eu-west-1", "endpoint": "http://127.0.0.1:9"},
    "s3": {"bucket": "log", "region": "eu-west-1", "endpoint": "http://127.0.0.1:9"},
    "eventbridge": {"bus": "log", "region": "eu-west-1", "endpoint": "http://127.0.0.1:9"},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_of_the_outside_is_a_delivery_error_in_words(kind, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    options = spec(kind).options.model_validate(OUTSIDE_IS_AWAY[kind])

    with pytest.raises(DeliveryError) as caught:
        await SHELF.module(kind).send(options, message(), context("smtp://127.0.0.1:9"))

    assert str(caught.value).strip()
    assert not caught.value.permanent


def test_an_unknown_kind_is_a_problem_that_names_the_known_ones():
    (problem,) = problems_of("carrier-pigeon", {})

    assert "kind" == problem.where
    assert "mail" in str(problem.todo)


async def test_folder_writes_whole_mails(tmp_path):
    options = spec("folder").options.model_validate({"path": str(tmp_path / "out")})
    module = SHELF.module("folder")

    receipt = await module.send(options, message(), context("folder:///unused"))
    await module.send(options, message(key="another"), context("folder:///unused"))

    files = sorted((tmp_path / "out").iterdir())
    assert 2 == len(files)
    assert receipt.text.removeprefix("written to ") in {path.name for path in files}
    assert all(path.suffix == ".eml" for path in files)


@pytest.mark.parametrize("path", ["relative/path", "/a/../b", "/a\0b"])
def test_folder_takes_an_absolute_path_only(path):
    assert problems_of("folder", {"path": path})

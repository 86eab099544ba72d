"""README of the functions: what it names is there, and what the code asks for stands in it."""

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

from bongsu.functions import notify, push, sign_in, thumbnail
from bongsu.functions._mail_rules import parse
from bongsu.functions._sent import LEASE

FOLDER = Path(inspect.getfile(notify)).parent
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
RULES, RIGHTS = BLOCKS
# What boto3 calls, and the right that AWS asks for it.
RIGHT_OF = {
    "put_item": "dynamodb:PutItem",
    "update_item": "dynamodb:UpdateItem",
    "send_email": "ses:SendRawEmail",
    "publish": "sns:Publish",
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "get_object_tagging": "s3:GetObjectTagging",
    "put_object_tagging": "s3:PutObjectTagging",
}


@pytest.mark.parametrize("name", re.findall(r"`(bongsu\.functions\.\w+\.handler)`", TEXT))
def test_each_handler_it_names_takes_an_event_and_a_context(name):
    module, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(module), function)

    assert 2 == len(inspect.signature(found).parameters)


def test_it_names_every_function():
    files = {path.stem for path in FOLDER.glob("[a-z]*.py")}

    assert files == set(RIGHTS)
    assert files == set(re.findall(r"`bongsu\.functions\.(\w+)\.handler`", TEXT))


def test_it_names_every_variable_that_the_code_reads_and_no_other():
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    read = set(re.findall(r'"(BONGSU_[A-Z_]+)"', code))
    by_settings = {
        f"BONGSU_{name}" for name in ("CORS_ORIGINS", "SECRET_KEY", "LANGUAGE", "PUBLIC_URL")
    }

    assert read | by_settings == set(re.findall(r"^\| `(BONGSU_[A-Z_]+)`", TEXT, re.MULTILINE))


def test_its_example_of_rules_can_be_used():
    assert len(RULES) == len(parse(json.dumps(RULES)))


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        ("notify", (notify, "_sent", "_mail_rules")),
        ("thumbnail", (thumbnail,)),
        ("push", (push, "_push_words")),
    ],
)
def test_every_call_of_aws_has_its_right(name, modules):
    files = [
        FOLDER / f"{name}.py",
        *(FOLDER / f"{one}.py" for one in modules if isinstance(one, str)),
    ]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    calls = {operation for operation in RIGHT_OF if f'"{operation}"' in code}

    assert calls
    assert {RIGHT_OF[operation] for operation in calls} <= set(RIGHTS[name])
    spoken = set(re.findall(r'call\(\s*"\w+",\s*"(\w+)"', code))
    assert spoken <= set(RIGHT_OF)


def test_a_claim_outlives_the_longest_run_it_allows():
    seconds = int(re.search(r"Time-outs: (\d+) s for `notify`", TEXT)[1])

    assert seconds < LEASE.total_seconds()
    assert sign_in.handler is not None

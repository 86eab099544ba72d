from typing import Literal

import pytest
from pydantic import BaseModel, Field

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import say
from bongsu.web.forms import fields_of, id_of, problem_for, read_form, shown, value_of


class Login(BaseModel):
    user: str = Field("", title="User")
    password: str = Field("", title="Password", json_schema_extra={"writeOnly": True})


class Options(BaseModel):
    url: str = Field(
        title="Address",
        description="Where.",
        examples=["https://e.example/"],
        json_schema_extra={"format": "uri"},
    )
    method: Literal["GET", "HEAD"] = Field("GET", title="Method")
    timeout_s: float = Field(10, title="Time-out", gt=0, le=60, json_schema_extra={"unit": "s"})
    tries: int = Field(3, title="Tries", ge=1)
    headers: dict[str, str] = Field({}, title="Headers")
    names: list[str] = Field([], title="Names")
    body: str | None = Field(None, title="Body", json_schema_extra={"ui": "code"})
    follow: bool = Field(True, title="Follow")
    login: Login | None = Field(None, title="Sign in")


SCHEMA = Options.model_json_schema()
FIELDS = {field.name: field for field in fields_of(SCHEMA, "options")}


def test_every_property_becomes_a_field_of_its_own_type() -> None:
    assert {name.removeprefix("options."): field.type for name, field in FIELDS.items()} == {
        "url": "url",
        "method": "select",
        "timeout_s": "number",
        "tries": "number",
        "headers": "mapping",
        "names": "lines",
        "body": "code",
        "follow": "checkbox",
        "login": "fieldset",
    }


def test_a_field_knows_what_its_declaration_says() -> None:
    url, timeout = FIELDS["options.url"], FIELDS["options.timeout_s"]

    assert (url.label, url.help, url.placeholder, url.required) == (
        "Address",
        "Where.",
        "https://e.example/",
        True,
    )
    assert (timeout.unit, timeout.minimum, timeout.maximum, timeout.default) == ("s", 0, 60, 10)
    assert FIELDS["options.method"].options == (("GET", "GET"), ("HEAD", "HEAD"))
    assert [inner.type for inner in FIELDS["options.login"].fields] == ["text", "password"]
    assert (FIELDS["options.tries"].step, timeout.step) == ("1", "any")


def test_a_posted_form_becomes_what_the_model_takes() -> None:
    form = {
        "options.url": " https://shop.example/ ",
        "options.method": "HEAD",
        "options.timeout_s": "2.5",
        "options.tries": "",
        "options.headers": "accept: text/html\nx-a: b: c\n\n",
        "options.names": "one\n two \n",
        "options.follow": "on",
        "options.login.user": "me",
    }

    options = Options.model_validate(read_form(SCHEMA, form, "options"))

    assert options == Options(
        url="https://shop.example/",
        method="HEAD",
        timeout_s=2.5,
        headers={"accept": "text/html", "x-a": "b: c"},
        names=["one", "two"],
        login=Login(user="me"),
    )


def test_an_unticked_box_is_false_and_an_empty_group_is_left_out() -> None:
    found = read_form(SCHEMA, {"options.url": "https://e.example"}, "options")

    assert found == {"url": "https://e.example", "follow": False}


def test_what_a_form_shows_reads_back_as_the_same() -> None:
    options = Options(
        url="https://e.example", headers={"a": "b"}, names=["x", "y"], body="{}", follow=False
    )
    values = options.model_dump()

    form = {
        name: shown(value_of(values, f, "options"))
        for name, f in FIELDS.items()
        if f.type != "checkbox" and not f.fields
    }

    assert Options.model_validate(read_form(SCHEMA, form, "options")) == options


@pytest.mark.parametrize("where", ["options.url", "url"])
def test_a_problem_finds_its_field_with_or_without_the_prefix(where: str) -> None:
    wrong = say("Not an address.")

    assert problem_for((Problem(where, wrong),), "options.url") == wrong
    assert problem_for({where: "bad"}, "options.url") == "bad"
    assert problem_for((Problem(where, wrong),), "options.urls") == ""
    assert problem_for(None, "options.url") == ""


def test_ids_are_the_same_for_the_same_words() -> None:
    assert id_of("a", "b") == id_of("a", "b")
    assert id_of("a", "b") != id_of("ab")

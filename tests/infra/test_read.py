"""Files: every mistake has its line and says what would be right; environments are laid over what they share."""

import re

import pytest

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import EXAMPLES
from bongsu.infra.read import read, read_all
from bongsu.kit.errors import Invalid, NotFound
from tests.infra.support import SMALL, source


def problems(text: str, environment: str | None = None) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Invalid) as caught:
        read("a.yaml", text.encode(), environment)
    return [
        (one.line, one.what.to("en"), one.todo.to("en") if one.todo else "")
        for one in caught.value.problems
    ]


def test_every_mistake_is_named_with_its_line_not_only_the_first():
    text = "name: shop\nregion: Seoul\nnetworks:\n  main:\n    zones: 9\n    cdir: 10.0.0.0/16\n"

    found = problems(text)

    assert [line for line, _, _ in found] == [2, 5, 6]
    assert found[2][1] == "There is no such field here."


@pytest.mark.parametrize(
    "text", ["", "- a\n", "name: [", "name: shop\n", "environments: 3\nname: a\n", "a: &a [*a]\n"]
)
def test_what_is_no_architecture_is_refused_in_words(text):
    assert problems(text)


def test_a_range_with_host_bits_is_refused():
    found = problems(SMALL.replace("main: {}", "main: {cidr: 10.20.0.1/22}"))

    assert found[0][1].startswith("This is not a range")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("via: front", "via: frnt", "There is no frnt in load_balancers."),
        ("orders: connect", "order: connect", "There is no order in"),
        ("orders: connect", "orders: write", "write does not fit orders."),
        ("shop.example.com", "shop.example.org", "shop.example.org does not lie in example.com."),
        ("domain: example.com\n", "", "shop.example.com needs a zone."),
        ("  pictures: {}", "  front: {}\n  pictures: {}", "The name front already stands in load_balancers."),
        ("networks:\n  main: {}", "networks:\n  main: {}\n  other: {}", "front must name its network."),
    ],
)  # fmt: skip
def test_names_that_lead_nowhere_are_said_where_they_stand(before, after, what):
    text = SMALL.replace(before, after)

    found = problems(text)

    assert any(said.startswith(what) for _, said, _ in found), found
    assert all(line and line > 1 for line, _, _ in found)


@pytest.mark.parametrize(
    ("before", "after", "todo"),
    [
        ("databases:", "databses:", "Is databases meant? Known here: name, environment, production,"),
        ("main: {}", "main: {zone: 2}", "Is zones meant? Known here: cidr, zones,"),
        ("port: 3000", "port: 3000\n    colour: red", "Known here: network, tier, public_ip,"),
        ("via: front,", "via: front, host: a.example.com,", "Is hosts meant? Known here: via, hosts, paths,"),
        ("path: /healthz", "path: healthz", "Write it like /healthz."),
        ("path: /healthz", "path: /healthz, interval_s: 5s", "Write the number alone; its unit"),
        ("  web:", "  Web:", "Small letters, digits and hyphens, a letter first,"),
        ("mail: [ops@example.com]", "mail: ops@example.com", "Write a list, such as [one, two]."),
        ("region: ap-northeast-2", "region: ap-northeast-2\nhours: {start: 8:00}", "Put it in quotes."),
        ("  pictures: {}", "  pictures:", "Write its fields below it, or an empty mapping."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_would_be_right(before, after, todo):
    with pytest.raises(Invalid) as caught:
        read("a.yaml", SMALL.replace(before, after).encode())

    assert [str(one.todo)[: len(todo)] for one in caught.value.problems] == [todo]


def test_every_form_has_an_example_of_it():
    forms = set(_patterns(Architecture.model_json_schema()))

    lacking = [one for one in forms if not re.search(one, EXAMPLES.get(one, "").strip('"'))]
    assert len(forms) > 20
    assert lacking == []


def _patterns(schema):
    for key, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if key == "pattern" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from _patterns(value)
            if key == "patternProperties":
                yield from value


def test_an_environment_lies_over_what_all_share():
    text = (
        SMALL
        + "environments:\n  production: {}\n  staging:\n    networks: {main: {nat: single}}\n    alarms: null\n"
    )

    staging, production = read("a.yaml", text.encode(), "staging"), read("a.yaml", text.encode())

    assert (
        staging.architecture.networks["main"].nat,
        production.architecture.networks["main"].nat,
    ) == ("single", "per-az")
    assert (staging.architecture.production, production.architecture.production) == (False, True)
    assert staging.architecture.alarms.mail == ()
    assert [one.architecture.environment for one in read_all("a.yaml", text.encode())] == [
        "production",
        "staging",
    ]


def test_a_mistake_in_an_environment_has_the_line_of_the_environment():
    text = SMALL + "environments:\n  staging:\n    networks: {main: {nat: singel}}\n"

    assert problems(text, "staging")[0][0] == text.count("\n")


def test_an_environment_that_is_not_there_is_named_with_those_that_are():
    text = SMALL + "environments:\n  production: {}\n"

    with pytest.raises(NotFound, match="no environment staging; it has production"):
        read("a.yaml", text.encode(), "staging")


def test_the_small_one_is_right():
    assert source().architecture.stem == "shop-production"


@pytest.mark.parametrize("cpu", [0, -1, 128, 100_000])
def test_sizes_that_fargate_never_had_are_refused(cpu):
    found = problems(SMALL.replace("port: 3000", f"port: 3000\n    cpu: {cpu}"))

    assert found[0][1] in ("This is too small.", "This is too large.")

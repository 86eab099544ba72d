"""Which checks an architecture asks for, and what is said of what nobody can ask. Pure."""

import pytest
import yaml

from bongsu.config.read import read
from bongsu.document import parse_all
from bongsu.infra.build.build import build_graph
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.render.cfn import templates
from bongsu.infra.watched.document import document, text
from bongsu.infra.watched.watching import service_name, watching
from tests.infra.support import example, plan

FUNCTION = {"handler": "a.b"}
EXAMPLES = ("000-health-checking", "001-tasks", "002-containers", "004-hybrid")


def checks(made, known=None) -> dict[str, dict[str, dict]]:
    return {one.part: one.checks for one in watching(made, known).services}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_registered_is_a_file_that_bongsu_takes(name):
    found = watching(make_plan(example(name).architecture))

    taken = read(parse_all([(found.scope, text(found).encode())])).checked()

    assert {one.name for one in taken.things if one.section == "services"} == {
        one.name for one in found.services
    }
    assert text(found) == text(watching(make_plan(example(name).architecture)))


def test_a_service_is_asked_where_it_says_how_it_is_and_its_name_shows_a_certificate():
    found = checks(plan())

    assert found["web"] == {
        "shop-example-com": {
            "http": "https://shop.example.com/healthz",
            "every": "30s",
            "expect": ["[STATUS] == 200"],
        }
    }
    assert list(found["front"]) == ["tls-shop-example-com"]
    assert found["front"]["tls-shop-example-com"]["tls"] == "shop.example.com:443"


def test_a_path_that_another_service_answers_is_not_asked_for_this_one():
    route = {"via": "front", "hosts": ["shop.example.com"], "paths": ["/api/*"]}
    api = {"image": {"build": "."}, "port": 4000, "health": {"path": "/healthz"}, "routes": [route]}

    found = checks(plan(services__api=api))

    assert found["web"]["shop-example-com"]["http"] == "https://shop.example.com/healthz"
    assert found["api"]["shop-example-com"] == {
        "http": "https://shop.example.com/api/",
        "every": "30s",
        "expect": ["[STATUS] < 500"],
    }


def test_behind_a_distribution_the_way_in_is_its_name_and_its_path():
    made = make_plan(example("004-hybrid").architecture)
    found = watching(made)

    apache = checks(made)["apache"]
    assert [one["http"] for one in apache.values()] == ["https://www.example.com/app/"]
    assert "web" not in checks(made)
    assert str(found.unseen["web"]) == "only CloudFront may ask it"
    assert str(found.unseen["inner"]) == str(found.unseen["orders"]) == "inside"


def test_what_has_no_name_is_asked_by_the_one_that_aws_gave_it():
    bare = {
        "domain": None, "load_balancers__front": {"tls": False},
        "services__web__routes": [{"via": "front"}],
    }  # fmt: skip
    made = plan(**bare)

    (app,) = [one for one in templates(made, build_graph(made)) if one.stack == "app"]
    before, after = watching(made), checks(made, {"front": "front-1.elb.amazonaws.com"})

    assert [name for name in app.body["Outputs"] if name.endswith("DNSName")] != []
    assert str(before.unseen["front"]) == "its name is known once it is deployed"
    assert list(after) == ["web"]
    (check,) = after["web"].values()
    assert check["http"] == "http://front-1.elb.amazonaws.com/healthz"


def test_a_load_balancer_for_some_ranges_only_is_named_with_them():
    found = watching(plan(load_balancers__front__allow=["192.0.2.0/24"]))

    assert found.services == ()
    assert str(found.unseen["front"]) == "lets in 192.0.2.0/24 only"


def test_each_address_behind_a_name_is_watched_for_itself():
    record = {"name": "old.example.com", "addresses": ["192.0.2.1", "2001:db8::1"]}

    found = checks(plan(records__old=record))["old"]

    assert [one["tcp"] for one in found.values()] == ["192.0.2.1:80", "[2001:db8::1]:80"]


def test_a_network_load_balancer_is_knocked_at():
    made = plan(
        load_balancers__front={"kind": "network", "hosts": ["shop.example.com"]},
        services__web__routes=[{"via": "front"}],
    )

    found = checks(made)["front"]

    assert found["tcp-shop-example-com"]["tcp"] == "shop.example.com:443"
    assert "web" not in checks(made)


def test_what_stops_every_evening_is_looked_at_and_nobody_is_told():
    found = watching(make_plan(example("000-health-checking", "staging").architecture))

    paused = [check["paused"] for one in found.services for check in one.checks.values()]
    assert paused == [True] * len(paused) != []
    assert "nobody told" in text(found)
    assert "밤마다" in text(found, "ko") or "저녁마다" in text(found, "ko")


def test_tags_owners_and_names_say_whose_it_is():
    found = watching(plan(alarms__owners=["ops"]))
    (front, *_) = document(found)["services"].values()

    assert front["owners"] == ["ops"]
    assert front["tags"] == ["architecture:shop", "environment:production", "part:front"]
    assert found.scope == "architecture:shop/production"
    assert yaml.safe_load(text(found)) == document(found)
    assert len(service_name("a" * 32 + "-" + "b" * 32, "c" * 32)) == 63


def test_through_a_gateway_a_function_is_asked_by_get_and_a_service_inside_by_its_path():
    routes = [
        {"path": "/sign-in", "methods": ["POST"], "function": "door"},
        {"path": "/hello", "function": "hello"},
        {"path": "/*", "load_balancer": "front"},
    ]
    made = plan(
        gateways__api={"hosts": ["api.example.com"], "routes": routes},
        load_balancers__front={"public": False, "tls": False},
        services__web__routes=[{"via": "front"}],
        functions={"door": FUNCTION, "hello": FUNCTION},
    )

    found = checks(made)

    assert list(found["api"]) == ["tls-api-example-com"]
    assert [one["http"] for one in found["hello"].values()] == ["https://api.example.com/hello"]
    assert [one["http"] for one in found["web"].values()] == ["https://api.example.com/healthz"]
    assert "door" not in found

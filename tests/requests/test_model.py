"""What is kept of a request, and what never is."""

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.lake.schema import OUTCOMES, REQUEST_COLUMNS
from bongsu.requests.filter import OUTCOMES as KNOWN
from bongsu.requests.model import (
    OUTCOME_WORDS,
    is_kept,
    method_of,
    object_of,
    outcome_of,
    route_of,
)
from tests.requests.support import seen

NOW = ManualClock().now()


@pytest.mark.parametrize(
    ("status", "given", "outcome"),
    [
        (200, {}, "ok"),
        (304, {}, "ok"),
        (303, {}, "ok"),
        (303, {"to_sign_in": True}, "refused"),
        (401, {}, "refused"),
        (403, {}, "refused"),
        (404, {}, "not_found"),
        (405, {}, "invalid"),
        (409, {}, "invalid"),
        (429, {}, "invalid"),
        (500, {}, "failed"),
        (503, {}, "failed"),
        (200, {"broke": True}, "failed"),
        (200, {"cut": True}, "cut"),
        (500, {"cut": True, "broke": True}, "cut"),
    ],
)
def test_how_a_request_ended(status, given, outcome):
    usual = {"cut": False, "broke": False, "to_sign_in": False}

    assert outcome == outcome_of(status, **(usual | given))


@pytest.mark.parametrize(
    ("route", "params", "thing"),
    [
        ("/tasks/{key}", {"key": "TSK-42"}, "task/TSK-42"),
        ("/api/v1/tasks/{key}/move", {"key": "TSK-42"}, "task/TSK-42"),
        ("/incidents/{incident_id}", {"incident_id": "12"}, "incident/12"),
        ("/checks/{check_id:int}", {"check_id": 3}, "check/3"),
        ("/-/incidents/of/{service_id}", {"service_id": "3"}, "service/3"),
        (
            "/services/{name}/checks/{check}/pause",
            {"name": "shop", "check": "home"},
            "service/shop",
        ),
        ("/people/{name}", {"name": "ann"}, "user/ann"),
        ("/status/{page}", {"page": "shop"}, "status/shop"),
        ("/deliveries/{delivery_id}", {"delivery_id": "8"}, "delivery/8"),
        ("/requests/triggers/{name}", {"name": "slow"}, "request_trigger/slow"),
        ("/-/notes/{subject:path}", {"subject": "task/42"}, "task/42"),
        ("/-/notes/{family}/{ident}", {"family": "task", "ident": 42}, "task/42"),
        ("/me/tokens/{token_id}/revoke", {"token_id": "5"}, "token/5"),
        ("/", {}, ""),
        ("", {}, ""),
        # what opens something is no name
        ("/door/{token}", {"token": "door_aaaa"}, ""),
        ("/unsubscribe/{token}", {"token": "x"}, ""),
        ("/join/{code}", {"code": "123"}, ""),
        ("/in/{secret}", {"secret": "123"}, ""),
        # and what is more than a name neither
        ("/evidence/{key:path}", {"key": "shop/home/2026/x.json"}, ""),
        ("/services/{name}", {"name": "x" * 81}, ""),
        ("/services/{name}", {"name": "a b\n"}, ""),
    ],
)
def test_what_a_request_is_about_comes_from_its_route(route, params, thing):
    assert thing == object_of(route, params)


def test_a_route_without_parameters_may_name_its_subject_in_the_query():
    assert "task/42" == object_of("/api/v1/notes", {}, "task/42")
    assert "" == object_of("/api/v1/notes", {}, "task/42&token=abc")
    assert "" == object_of("/api/v1/notes", {}, "')) OR 1=1 --")


def test_the_route_is_a_template_and_never_an_address_with_something_in_it():
    class Route:
        path = "/door/{token}"

    assert "/door/{token}" == route_of({"path": "/door/abc", "route": Route()})
    assert "/api/v1/openapi.json" == route_of(
        {"path": "/api/v1/openapi.json", "path_params": {}, "endpoint": object()}
    )
    assert "" == route_of({"path": "/door-abc"})
    assert "" == route_of({"path": "/x/abc", "path_params": {"token": "abc"}, "endpoint": object()})


def test_everything_of_a_person_is_kept_and_of_nobody_what_was_refused_or_asked_at_the_gate():
    nobody = seen(NOW, person=0, name="", via="none")

    assert is_kept(seen(NOW), "/healthz/live")
    assert is_kept(nobody, "/api/v1/openapi.json")
    assert is_kept(nobody, "/sign-in")
    assert is_kept(nobody._replace(outcome="refused"), "/")
    assert not is_kept(nobody, "/healthz/live")
    assert not is_kept(nobody._replace(outcome="not_found"), "/wp-login.php")


def test_a_row_has_a_value_for_each_column_and_every_outcome_has_a_word():
    row = seen(NOW).row()

    assert len(REQUEST_COLUMNS) == len(row)
    assert NOW.timestamp() == row[REQUEST_COLUMNS.index("ts")]
    assert OUTCOMES == KNOWN
    assert set(OUTCOMES) == set(OUTCOME_WORDS)


def test_the_document_says_nobody_as_null_and_a_sample_says_nothing_of_the_browser():
    nobody = seen(NOW, person=0, name="", token=0).document()

    assert (None, None) == (nobody["person"], nobody["token"])
    assert 12.0 == nobody["duration_ms"]
    assert {"agent", "language", "bytes"} == set(nobody) - set(seen(NOW).sample())


def test_an_invented_method_does_not_grow_the_lake():
    assert "PATCH" == method_of("PATCH")
    assert "OTHER" == method_of("BREW")

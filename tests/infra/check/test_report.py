"""Findings as text, JSON and SARIF."""

import json
from dataclasses import replace

from bongsu.infra.check.check import Checked
from bongsu.infra.check.report import to_json, to_sarif, to_text
from tests.infra.check.support import checked
from tests.infra.check.test_accepted import accepted

MISTAKES = {"databases.orders.standby": "none", "networks.main.endpoints": []} | accepted()


def test_the_json_has_these_fields_and_no_others():
    data = json.loads(to_json(checked(MISTAKES)))

    assert list(data) == ["findings", "accepted"]
    assert {tuple(one) for one in data["findings"]} == {
        ("id", "severity", "path", "line", "message", "why", "fix")
    }
    assert [(one["id"], one["severity"], one["path"]) for one in data["findings"]] == [
        ("DB001", "error", "databases.orders.standby"),
        ("NET009", "info", "networks.main.endpoints"),
    ]
    assert data["accepted"][0]["until"] == "2026-11-28"


def test_the_json_speaks_korean_too():
    data = json.loads(to_json(checked(MISTAKES), "ko"))

    assert data["findings"][0]["message"] == "데이터베이스 orders: 대기 서버가 없습니다."


def test_text_begins_with_a_place_to_click_on_and_ends_with_a_sum():
    lines = to_text(checked(MISTAKES)).splitlines()

    assert lines[0].startswith("architecture.yaml:")
    assert "error DB001 databases.orders.standby (production): The database orders" in lines[0]
    assert lines[2].startswith("    → ")
    assert "is accepted until 2026-11-28: One is enough" in lines[-2]
    assert lines[-1] == "1 error, 0 warnings, 1 note."


def test_text_tells_what_can_be_mended_without_thought():
    lines = to_text(checked({"databases.orders.backup_days": 0}), "ko").splitlines()

    assert lines[-2:] == [
        "오류 1건, 경고 0건, 참고 0건.",
        "이 가운데 1건은 --fix로 고칠 수 있습니다.",
    ]


def test_what_is_right_is_said_in_one_line():
    assert to_text(checked()) == "Nothing to say against it.\n"


def test_sarif_has_what_the_standard_asks_for():
    """Sections 3.13, 3.14, 3.18 and 3.27: required fields, and results that name a rule of the driver."""
    data = json.loads(to_sarif(checked(MISTAKES), "1.0"))

    run = data["runs"][0]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert (data["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "Bongsu")
    assert rules == sorted(set(rules))
    assert all(one["ruleId"] in rules and one["message"]["text"] for one in run["results"])
    assert [one["level"] for one in run["results"]] == ["error", "note", "warning"]
    for one in run["results"]:
        place = one["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "architecture.yaml"
        assert place["region"]["startLine"] >= 1
    assert ["suppressions" in one for one in run["results"]] == [False, False, True]
    assert run["results"][2]["suppressions"][0]["kind"] == "external"


def test_sarif_of_nothing_is_still_a_run():
    data = json.loads(to_sarif(Checked("a.yaml", ()), "1.0"))

    assert data["runs"][0]["results"] == []


def test_a_file_fails_by_errors_only():
    found = checked(MISTAKES)

    assert found.failed
    assert not replace(found, findings=found.findings[1:]).failed

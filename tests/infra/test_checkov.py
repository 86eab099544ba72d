"""checkov finds nothing in any template of the examples but what checkov_accepted.yaml lives with."""

import json
import os
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from bongsu.infra.plan.plan import make_plan
from tests.infra.support import CASES, example
from tests.infra.test_lint import rendered
from tests.infra.venvs import programs

ACCEPTED = yaml.safe_load(Path(__file__).with_name("checkov_accepted.yaml").read_text())
QUIET = ("--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "-o", "json")
Found = set[tuple[str, str]]  # id of the check, TEMPLATE:RESOURCE
pytestmark = pytest.mark.timeout(400)


def found_in(folder: Path) -> Found:
    """It looks at nothing but the folder; exit status 1 says that there is something."""
    command = [programs("checkov") / "checkov", "-d", str(folder), *QUIET]
    alone = os.environ | {"LOG_LEVEL": "ERROR", "HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    told = json.loads(done.stdout)
    assert told["summary"]["parsing_errors"] == 0, told["results"]["parsing_errors"]
    return {
        (one["check_id"], f"{Path(one['file_path']).stem}:{one['resource'].split('.')[-1]}")
        for one in told["results"]["failed_checks"]
    }


def laid(folder: Path, cases: list[tuple[str, str]]) -> Path:
    """Scripts lie elsewhere: checkov looks at all that it finds."""
    into = folder / "templates"
    into.mkdir()
    for name, environment in cases:
        for one in rendered(make_plan(example(name, environment).architecture), folder / "root"):
            (into / f"{one.name}.json").write_text(one.text)
    return into


def is_accepted(id: str, place: str) -> bool:  # noqa: A002
    entry = ACCEPTED.get(id)
    return entry is not None and any(fnmatchcase(place, one) for one in entry.get("at", ["*"]))


def test_every_environment_has_only_what_we_live_with_and_all_of_that(tmp_path):
    found = found_in(laid(tmp_path, CASES))

    assert [one for one in sorted(found) if not is_accepted(*one)] == []
    assert sorted({id for id, _ in found}) == sorted(ACCEPTED)  # noqa: A001


def test_every_reason_is_said_and_another_place_is_not_covered():
    assert all(len(entry["why"]) > 20 for entry in ACCEPTED.values())
    assert is_accepted("CKV_AWS_21", "shop-production-data:LogBucket")
    assert not is_accepted("CKV_AWS_21", "shop-production-data:BucketPictures")
    assert not is_accepted("CKV_AWS_20", "shop-production-data:LogBucket")


def test_it_does_find_what_is_wrong(tmp_path):
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    group = {"GroupDescription": "open", "SecurityGroupIngress": [rule]}
    body = {"Resources": {"Open": {"Type": "AWS::EC2::SecurityGroup", "Properties": group}}}
    (tmp_path / "wrong.json").write_text(json.dumps(body))

    assert ("CKV_AWS_24", "wrong:Open") in found_in(tmp_path)

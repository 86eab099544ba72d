"""Every example brought to ministack by our own deployment, read back, changed, and taken away again.

ministack keeps to change sets, outputs and protection by itself, so nothing of the client is replaced. It takes
nearly anything: what is shown here is wiring, not that AWS would take it. What it cannot make is printed (-rP).
"""

from collections import Counter
from pathlib import Path

import pytest

from bongsu.infra.artefact_names import bucket_name
from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.deployment import Deployment, Wishes
from bongsu.infra.deploy.state import Timing
from bongsu.infra.plan.plan import make_plan
from tests.aws.emulator import REGION, credentials
from tests.infra.deploy.emulated import EMPTY_ZIP, PACKAGE, keep_keys
from tests.infra.deploy.ministacked import furnish, gaps, ministack
from tests.infra.deploy.read_back import Stood, read_back
from tests.infra.deploy.reduced import reduced_for
from tests.infra.support import CASES, RICHEST, example, in_every_run, source
from tests.infra.test_lint import lay_scripts

IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/web:1"
QUICK = Timing(wait_s=0.05)
pytestmark = pytest.mark.timeout(400)  # of which its environment is made once


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with ministack(tmp_path_factory.mktemp("ministack")) as made:
        yield made


@pytest.fixture
def aws(address, monkeypatch):
    """Clients of an account in which nothing was deployed yet."""
    credentials(monkeypatch)
    furnish(address)
    return clients(address)


def deployment(aws, architecture, root: Path) -> Deployment:
    plan = make_plan(architecture)
    made = Deployment(plan, build_graph(plan, lay_scripts(architecture, root)), aws, QUICK)
    cut = reduced_for(gaps(), made.templates)
    print(cut.report())
    made.templates = tuple(cut.templates)
    return made


def wishes(made: Deployment, run: str, **more) -> Wishes:
    architecture = made.plan.architecture
    images = dict.fromkeys(architecture.services, IMAGE)
    images |= dict.fromkeys(architecture.functions, f"s3://{own_bucket(made)}/{PACKAGE}")
    return Wishes(run, images=images, make_bucket=True, **more)


@pytest.mark.parametrize(("name", "environment"), in_every_run(RICHEST.__contains__, CASES))
def test_what_is_read_back_is_what_was_planned_and_nothing_is_left(
    aws, tmp_path, name, environment
):
    """The emulator has one account; a bucket of the architecture's own outlives its environments."""
    written = example(name, environment).architecture.model_copy(
        update={"account": None, "accounts": {}}
    )
    made = deployment(aws, written, tmp_path)
    keep_keys(aws, made.plan.architecture)
    Artefacts(written.name, aws, may_make=True).put(PACKAGE, EMPTY_ZIP, written.region)
    before = Stood.of(aws, written.region)

    made.deploy(wishes(made, "first"))

    wanted, found = read_back(aws, made)
    assert found == wanted
    assert made.preview(wishes(made, "again")) == ()
    everything = list(made.parts.values())
    kept = made.delete(wishes(made, "end", replace_data=everything), unprotect=True)
    assert made.outputs() == {}
    assert Stood.of(aws, written.region).without(before) == Counter(kinds_of(made, kept))


def own_bucket(made: Deployment) -> str:
    architecture = made.plan.architecture
    return bucket_name(architecture.name, "000000000000", architecture.region)


def kinds_of(made: Deployment, kept: dict[str, dict[str, str]]) -> list[str]:
    """What a deletion says that it left, as `Stood` counts it; a snapshot is none of that."""
    types = {
        key: one["Type"] for each in made.templates for key, one in each.body["Resources"].items()
    }
    retained = [types[key] for of in kept.values() for key, how in of.items() if how == "Retain"]
    return [one for one in retained if one in Stood.TYPES]


def test_another_count_and_another_class_are_changes_in_place(aws, tmp_path):
    def of(count: int, instance: str) -> Deployment:
        scale = {"min": count, "max": count, "cpu_percent": None}
        changed = source(services__web__scale=scale, databases__orders={"instance": instance})
        return deployment(aws, changed.architecture, tmp_path)

    before, after = of(2, "db.t4g.medium"), of(3, "db.m7g.large")
    before.deploy(wishes(before, "first"))
    shown = after.preview(wishes(after, "look"))

    after.deploy(wishes(after, "second"))

    # Of a service ministack cannot tell beforehand whether it is replaced; of what holds data it must.
    replaced = {(one.type, one.replacement) for one in shown}
    assert ("AWS::RDS::DBInstance", "False") in replaced
    assert {"AWS::RDS::DBInstance", "AWS::ECS::Service"} <= {kind for kind, _ in replaced}
    assert {one.action for one in shown} == {"Modify"}
    wanted, found = read_back(aws, after)
    assert found == wanted
    assert wanted["services"] == {"web": 3}
    assert wanted["databases"]["orders"][0] == "db.m7g.large"

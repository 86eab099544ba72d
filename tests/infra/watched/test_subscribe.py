"""Topics of alarms in an emulator: each sends to its own source, once, and its token stands nowhere else."""

import json

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.aws import clients
from bongsu.infra.render.cfn import nameless, output_name
from bongsu.infra.watched.aws import addresses, alarms_become_events
from bongsu.infra.watched.subscribe import subscribe
from bongsu.kit.errors import Conflict
from tests.aws.emulator import REGION, credentials, emulator
from tests.infra.support import plan

pytestmark = pytest.mark.filterwarnings("ignore")
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-production-alarms"}}


class Server:
    """As Bongsu's API answers: an address is told once, when it is made or renewed."""

    url = "https://bongsu.example.com"

    def __init__(self) -> None:
        self.sources, self.count = set(), 0

    def get(self, path):
        return {"sources": [{"name": name} for name in self.sources]}

    def call(self, method, path, body=None):
        self.count += 1
        if path == "/intake" and body["name"] in self.sources:
            raise Conflict("taken")
        self.sources.add(body["name"] if body else path.split("/")[2])
        return {"url": f"{self.url}/in/cloudwatch/bin_{self.count}"}


def test_a_topic_sends_once_and_again_when_the_source_was_lost(monkeypatch):
    credentials(monkeypatch)
    made = plan()
    with emulator() as address:
        aws, server = clients(address), Server()
        body = json.dumps({"Resources": {"AlarmTopic": TOPIC}})
        aws("cloudformation", REGION).create_stack(
            StackName="shop-production-app", TemplateBody=body
        )

        def run():
            return list(subscribe(made, build_graph(made), aws, server))

        first, second = run(), run()
        server.sources.clear()
        third = run()
        sns = aws("sns", REGION)
        found = sns.list_subscriptions()["Subscriptions"]

    assert first == third == [("shop-production-alarms", "subscribed")]
    assert second == [("shop-production-alarms", "already")]
    assert {one["Endpoint"].rsplit("/", 1)[0] for one in found} == {f"{server.url}/in/cloudwatch"}
    assert [one["Endpoint"][-1] for one in found] == [
        "2"
    ]  # the lost address is not sent to any more


def test_a_name_that_only_aws_knows_is_read_from_the_stack(monkeypatch):
    credentials(monkeypatch)
    bare = {"name": "kiosk", "domain": None, "load_balancers__front": {"tls": False}}
    made = plan(**bare, services__web__routes=[{"via": "front"}])
    ((part, pointer),) = nameless(made, build_graph(made).resources.values()).items()
    name = "front-1.ap-northeast-2.elb.amazonaws.com"
    body = {
        "Resources": {"AlarmTopic": {"Type": TOPIC["Type"]}},
        "Outputs": {output_name(pointer): {"Value": name}},
    }
    with emulator() as address:
        aws = clients(address)
        stack = {"StackName": "kiosk-production-app", "TemplateBody": json.dumps(body)}
        aws("cloudformation", REGION).create_stack(**stack)

        found = addresses(made, aws)
        told = alarms_become_events(made, aws, Server())

    assert (part, found) == ("front", {"front": name})
    assert [str(one) for one in told] == [
        "Alarms are sent to kiosk-production-alarms now, and are events there."
    ]

"""Topics of alarms in an emulator: each sends to its own source, once, and its token stands nowhere else."""

import json

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.aws import clients
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

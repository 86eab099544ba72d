"""Mistakes with topics, queues, streams and push, in an architecture that has them right."""

from copy import deepcopy
from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
USES = {"orders": "connect", "pictures": "write"}
TOLD = {"DATABASE_HOST": "${orders}", "PICTURES": "${pictures}"}
APNS = {"bundle": "com.example.shop", "secret": "shop/apns"}
LETTERS = ["s3", "ecr.api", "ecr.dkr", "logs"]


def messages(**values: Any) -> dict[str, Any]:
    """A topic, a queue that hears it, a stream, and a function that pushes what comes from both."""
    made = {
        "topics.news": {},
        "queues.jobs": {"on": [{"topic": "news"}]} | values.get("queue", {}),
        "streams.clicks": {},
        "push.phones": {"apns": APNS, "fcm": {"secret": "shop/fcm"}} | values.get("push", {}),
        "functions.push": {
            "handler": "bongsu.functions.push.handler",
            "timeout_s": 20,
            "on": [{"queue": "jobs"}, {"stream": "clicks"}],
            "uses": {"phones": "send"},
        }
        | values.get("function", {}),
        f"{WEB}.environment": TOLD | {"NEWS": "${news}", "CLICKS": "${clicks}"},
        f"{WEB}.uses": USES | {"news": "send", "clicks": "write"} | values.get("uses", {}),
    }
    return deepcopy(made)


MESSAGES: list[Row] = [
    ("MSG001", "warning", messages(queue={"dead_letters": False})),
    ("MSG001", "warning", messages(queue={"tries": 1})),
    ("MSG002", "warning", messages() | {"queues.late": {}}),
    ("MSG002", "warning", messages(function={"on": [{"queue": "jobs"}]})),
    ("MSG002", "warning", messages() | {"topics.alone": {}}),
    ("MSG003", "warning", messages(queue={"visibility_s": 60})),
    ("MSG003", "error", messages(queue={"visibility_s": 10})),
    ("MSG004", "error", messages(push={"fcm": {}})),
    ("MSG004", "error", messages(push={"apns": {"bundle": "com.example.shop"}})),
    ("MSG005", "warning", messages(push={"apns": APNS | {"sandbox": True}})),
    ("EVT003", "warning", messages(function={"uses": {"phones": "send", "jobs": "send"}})),
    ("EVT001", "warning", messages(function={"dead_letters": False})),
    ("IAM001", "error", messages(function={"grants": {}})),
    ("NET007", "error", messages() | {"networks.main.nat": "none",
                                      "networks.main.endpoints": [*LETTERS, "sns"]}),
    ("NET007", "error", messages() | {"networks.main.nat": "none",
                                      "networks.main.endpoints": [*LETTERS, "kinesis-streams"]}),
]  # fmt: skip
MEANT: list[dict[str, Any]] = [
    messages(),
    messages() | {"networks.main.nat": "none"},
    messages(function={"on": [{"queue": "jobs"}], "dead_letters": False, "retries": 0},
             uses={"clicks": "read"}),
    messages(queue={"visibility_s": 120}),
]  # fmt: skip

"""Mistakes with tables, functions, events and mail, in an architecture that has them right."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
MAIN = "networks.main"
USED = {"tables.journal": {}, f"{WEB}.uses.journal": "write"}
FUNCTION = {"handler": "bongsu.functions.notify.handler"}
STREAM = {"tables.journal": {"stream": True}}


def notify(**values: Any) -> dict[str, Any]:
    """A function that reads a table's stream."""
    return STREAM | {"functions.notify": FUNCTION | {"on": [{"table": "journal"}]} | values}


EVENTS: list[Row] = [
    ("TBL001", "error", {"tables.journal": {"recovery": False}}),
    ("TBL001", "error", {"tables.journal": {"delete_protection": False}}),
    ("NET008", "error", USED | {f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["s3", "ecr.api", "ecr.dkr", "logs"]}),
    ("NET009", "info", USED | {f"{MAIN}.endpoints": ["s3"]}),
    ("IAM001", "error", USED | {f"{WEB}.grants": {"pictures": "write"}}),
    ("EVT001", "warning", notify(retries=0)),
    ("EVT001", "warning", notify(dead_letters=False)),
    ("EVT003", "warning", {"functions.notify": FUNCTION | {"on": [{"bucket": "pictures"}],
                           "uses": {"pictures": "write"}}}),
    ("IAM001", "error", notify(uses={"journal": "read"}, grants={})),
    ("IAM004", "warning", notify(grants={"pictures": "read"})),
    ("SEC001", "error", notify(environment={"API_TOKEN": "hunter2hunter2"})),
]  # fmt: skip

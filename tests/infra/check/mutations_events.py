"""Mistakes with tables, functions, events and mail, in an architecture that has them right."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
MAIN = "networks.main"
USED = {
    "tables.journal": {},
    f"{WEB}.uses.journal": "write",
    f"{WEB}.environment.JOURNAL": "${journal}",
}
FUNCTION = {"handler": "bongsu.functions.notify.handler"}
NEWS = {"events.news": {}, f"{WEB}.uses.news": "publish", f"{WEB}.environment.NEWS": "${news}"}
SENDER = {"mail.letters": {"domain": "mail.example.com"}}
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
    ("EVT004", "warning", notify(on=[])),
    ("EVT003", "warning", {"functions.notify": FUNCTION | {"on": [{"bucket": "pictures"}],
                           "uses": {"pictures": "write"}}}),
    ("IAM001", "error", notify(uses={"journal": "read"}, grants={}, environment={"JOURNAL": "${journal}"})),
    ("IAM004", "warning", notify(grants={"pictures": "read"})),
    ("SEC001", "error", notify(environment={"API_TOKEN": "hunter2hunter2"})),
    ("EVT002", "error", {"mail.letters": {"domain": "elsewhere.org"}}),
    ("EVT002", "error", notify(environment={"BONGSU_MAIL_FROM": "Tasks <tasks@example.com>"})),
    ("EVT002", "error", SENDER | {f"{WEB}.uses.letters": "send", f"{WEB}.environment.FROM": "a@example.org"}),
    ("NET012", "error", SENDER | {f"{WEB}.uses.letters": "send", f"{MAIN}.nat": "none"}),
    ("NET007", "error", {**NEWS, f"{MAIN}.nat": "none",
                         f"{MAIN}.endpoints": ["s3", "ecr.api", "ecr.dkr", "logs"]}),
    ("NET007", "error", notify(network="main", secrets={"KEY": "shop/key"}) | {
        f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["s3", "ecr.api", "ecr.dkr", "logs", "dynamodb"]}),
    ("NET012", "error", notify(network="main", internet=True) | {f"{MAIN}.nat": "none"}),
    ("IAM001", "error", {**NEWS,
                         f"{WEB}.grants": {"pictures": "write"}}),
]  # fmt: skip

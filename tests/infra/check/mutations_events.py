"""Mistakes with tables, functions, events and mail, in an architecture that has them right."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
MAIN = "networks.main"
USED = {"tables.journal": {}, f"{WEB}.uses.journal": "write"}

EVENTS: list[Row] = [
    ("TBL001", "error", {"tables.journal": {"recovery": False}}),
    ("TBL001", "error", {"tables.journal": {"delete_protection": False}}),
    ("NET008", "error", USED | {f"{MAIN}.nat": "none", f"{MAIN}.endpoints": ["s3", "ecr.api", "ecr.dkr", "logs"]}),
    ("NET009", "info", USED | {f"{MAIN}.endpoints": ["s3"]}),
    ("IAM001", "error", USED | {f"{WEB}.grants": {"pictures": "write"}}),
]  # fmt: skip

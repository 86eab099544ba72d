"""Mistakes with pipelines, accounts and people, in an architecture that has them right."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
ONE, OTHER = "111111111111", "222222222222"


def pipeline(kind: str = "github", **values: Any) -> dict[str, Any]:
    """One that is right, with what is changed."""
    made = {"kind": kind, "repository": "team/shop", "test": "make test", "bongsu": "bongsu==0.1.0",
            "environments": {"production": {}}}  # fmt: skip
    host = {"servers.ci": {"memory_needed_mib": 1024}} if kind == "jenkins" else {}
    more = {"host": "ci"} if kind == "jenkins" else {}
    return host | {"pipelines.delivery": made | more | values}


DELIVERY: list[Row] = [
    ("CICD02", "error", pipeline(scan={"refuse": "nothing"})),
    ("CICD02", "warning", pipeline(scan={"refuse": "critical"})),
    ("CICD03", "error", pipeline(test="")),
    ("CICD03", "error", pipeline("gitlab", test="true")),
    ("CICD04", "error", pipeline(environments={"production": {"approval": False}})),
    ("IAM003", "error", pipeline(branch="*")),
    ("IAM003", "error", pipeline("gitlab", branch="release/*")),
    ("CICD05", "error", pipeline("jenkins", branch="*")),
    ("CICD07", "warning", pipeline("codepipeline", releases="everything")),
    ("CICD08", "warning", pipeline() | {"services.job": {"image": {"build": "job"}, "port": 8080},
                                        "pipelines.delivery.builds": ["web"]}),
    ("IAM005", "error", {"people": {"mfa": False}}),
    ("IAM006", "warning", {"people": {"roles": ["administer"]}}),
    ("CICD01", "error", pipeline() | {f"{WEB}.image": {"build": ".", "mutable": True}}),
]  # fmt: skip
BOTH = {"staging": {}, "production": {}}
ACROSS_DELIVERY: list[Row] = [
    ("CICD06", "warning", pipeline()),
    ("ACT001", "warning", {"accounts": {"staging": ONE, "production": ONE}}),
    ("ACT001", "warning", {"account": ONE}),
    ("ACT002", "warning", {"accounts": {"production": ONE}}),
]
DELIVERED: list[dict[str, Any]] = [
    {"people": {}},
    pipeline(),
    pipeline("jenkins", paused=True),
    pipeline("codepipeline", branch="main", scan={"refuse": "low"}),
    pipeline("gitlab", url="https://git.example.com"),
]

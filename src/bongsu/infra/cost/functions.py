"""Lines of functions, buses and mail: what they are asked, and the memory held meanwhile. Pure."""

from bongsu.infra.cost.line import Bill
from bongsu.infra.cost.traffic import EVENT_SHARE, FUNCTION_S, FUNCTION_SHARE, MAIL_SHARE, Month
from bongsu.infra.plan.model import Part, Plan


def function_lines(bill: Bill, plan: Plan, month: Month) -> None:
    for part in plan.of_section("functions"):
        _function(bill, part, month)
    for part in plan.of_section("events"):
        bill.add(part.name, part.path, "events", "custom", month.requests_millions * EVENT_SHARE)
    for part in plan.of_section("mail"):
        bill.add(part.name, part.path, "ses", "mail", month.requests / 1e3 * MAIL_SHARE)


def _function(bill: Bill, part: Part, month: Month) -> None:
    """Queues of dead letters cost as good as nothing and have no line."""
    here, block = (part.name, part.path), part.block
    millions = month.requests_millions * FUNCTION_SHARE
    bill.add(*here, "lambda", "requests", millions)
    bill.add(*here, "lambda", block.architecture, millions * FUNCTION_S * block.memory_mib / 1024)

"""Lines of functions: what they are asked, and the memory that they hold meanwhile. Pure."""

from bongsu.infra.cost.line import Bill
from bongsu.infra.cost.traffic import FUNCTION_S, FUNCTION_SHARE, Month
from bongsu.infra.plan.model import Part, Plan


def function_lines(bill: Bill, plan: Plan, month: Month) -> None:
    for part in plan.of_section("functions"):
        _function(bill, part, month)


def _function(bill: Bill, part: Part, month: Month) -> None:
    """Queues of dead letters cost as good as nothing and have no line."""
    here, block = (part.name, part.path), part.block
    millions = month.requests_millions * FUNCTION_SHARE
    bill.add(*here, "lambda", "requests", millions)
    bill.add(*here, "lambda", block.architecture, millions * FUNCTION_S * block.memory_mib / 1024)

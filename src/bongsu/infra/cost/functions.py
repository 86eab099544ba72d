"""Lines of functions, buses, mail and messages: what they are asked, and the memory held meanwhile. Pure."""

from bongsu.infra.cost.line import HOURS, Bill
from bongsu.infra.cost.traffic import (
    EVENT_SHARE,
    FUNCTION_S,
    FUNCTION_SHARE,
    MAIL_SHARE,
    MESSAGE_KB,
    MESSAGE_SHARE,
    Month,
)
from bongsu.infra.plan.messages import listeners
from bongsu.infra.plan.model import Part, Plan
from bongsu.infra.schedules import runs_a_month

CALLS = 3  # of a queue for each message: sent, taken, deleted


def function_lines(bill: Bill, plan: Plan, month: Month) -> None:
    for part in plan.of_section("functions"):
        _function(bill, plan, part, month)
    for part in plan.of_section("events"):
        bill.add(part.name, part.path, "events", "custom", month.requests_millions * EVENT_SHARE)
    for part in plan.of_section("mail"):
        bill.add(part.name, part.path, "ses", "mail", month.requests / 1e3 * MAIL_SHARE)
    message_lines(bill, plan, month)


def message_lines(bill: Bill, plan: Plan, month: Month) -> None:
    millions = month.requests_millions * MESSAGE_SHARE
    for part in plan.of_section("topics"):
        _topic(bill, part, millions, len(listeners(plan.architecture, part.name)))
    for part in plan.of_section("queues"):
        item = "requests:fifo" if part.block.fifo else "requests"
        bill.add(part.name, part.path, "sqs", item, millions * CALLS)
    for part in plan.of_section("push"):
        bill.add(part.name, part.path, "sns", "push", millions)
    for part in plan.of_section("streams"):
        _stream(bill, part, millions)


def _topic(bill: Bill, part: Part, millions: float, listening: int) -> None:
    """To queues and functions it delivers for nothing, unless in an order."""
    here = (part.name, part.path)
    if not part.block.fifo:
        bill.add(*here, "sns", "publish", millions)
        return
    bill.add(*here, "sns", "publish:fifo", millions)
    bill.add(*here, "sns", "publish:fifo:gb", millions * MESSAGE_KB)
    bill.add(*here, "sns", "deliver:fifo", millions * listening)


def _stream(bill: Bill, part: Part, millions: float) -> None:
    """On demand by the gigabyte, else by the shard and by each 25 kB put."""
    here, gb = (part.name, part.path), millions * MESSAGE_KB
    if part.block.shards is None:
        bill.add(*here, "kinesis", "stream", HOURS)
        bill.add(*here, "kinesis", "in:gb", gb)
        bill.add(*here, "kinesis", "out:gb", gb)
    else:
        bill.add(*here, "kinesis", "shard", HOURS * part.block.shards)
        bill.add(*here, "kinesis", "put", millions)


def _function(bill: Bill, plan: Plan, part: Part, month: Month) -> None:
    """Queues of dead letters cost as good as nothing and have no line."""
    here, block = (part.name, part.path), part.block
    millions = _starts(plan, part, month) / 1e6
    bill.add(*here, "lambda", "requests", millions)
    bill.add(*here, "lambda", block.architecture, millions * FUNCTION_S * block.memory_mib / 1024)


def _starts(plan: Plan, part: Part, month: Month) -> float:
    """Schedules say how often; what people and parts start is a share of the requests."""
    scheduled = [one.schedule for one in part.block.on if one.schedule]
    asked = len(part.block.on) > len(scheduled) or bool(plan.links_to(part.name))
    shared = month.requests * FUNCTION_SHARE if asked else 0.0
    return shared + sum(runs_a_month(one) for one in scheduled)

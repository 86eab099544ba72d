"""Tables: what must not be lost."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


@rule(
    "TBL001", "error", "reliability",
    why=say("A wrong write or a wrong click would be final."),
    fix=say("Set recovery: true and delete_protection: true."),
    elsewhere="silent",
)  # fmt: skip
def not_kept(plan: Plan) -> Iterator[Found]:
    for name, table in plan.architecture.tables.items():
        if not table.recovery:
            place = ("tables", name, "recovery")
            said = say("The table {name} cannot be taken back to an earlier moment.", name=name)
            yield Found(place, said)
        if not table.delete_protection:
            place = ("tables", name, "delete_protection")
            said = say("The table {name} can be deleted by mistake.", name=name)
            yield Found(place, said, change=Change(place, True))

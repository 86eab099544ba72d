"""How queues and streams stand: AWS keeps them in every zone, but somebody must take what they hold. Pure."""

from bongsu.infra.drill.losses import Loss
from bongsu.infra.drill.standing import Standing, StandingOf, Verdict
from bongsu.infra.plan.messages import takers
from bongsu.infra.plan.model import Part, Plan
from bongsu.kit.i18n import Said, say


def waiting(plan: Plan, part: Part, _: frozenset[Loss], standing_of: StandingOf) -> Standing:
    """Nothing is lost while nobody takes it, as long as it is kept."""
    verdict = Verdict(part.name)
    taken_by = [standing_of(name) for name in takers(plan.architecture, part.name)]
    down = [one for one in taken_by if one.state == "down"]
    if down and len(down) == len(taken_by):
        verdict.worse("degraded", _waits(part))
        verdict.why += [said for one in down for said in one.why]
    elif any(one.state != "serves" for one in taken_by):
        verdict.notes.append(say("{part} is emptied more slowly.", part=part.name))
    return verdict.done()


def _waits(part: Part) -> Said:
    if part.section == "streams":
        hours = part.block.keep_hours
        return say("Records wait in {part} for {hours} hours.", part=part.name, hours=hours)
    days = part.block.keep_days
    return say("Messages wait in {part} for {days} days.", part=part.name, days=days)

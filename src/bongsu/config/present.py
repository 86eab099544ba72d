"""What is there, in the shape in which files ask for it."""

from bongsu.accounts import store as accounts
from bongsu.config.plan import Thing
from bongsu.db.session import Tx
from bongsu.deliver import store_channels
from bongsu.rules import store as rules
from bongsu.services import store as services
from bongsu.watch import store as checks

_CHECK_FIELDS = (
    "kind",
    "options",
    "every_s",
    "timeout_s",
    "confirm",
    "recover",
    "paused",
    "quorum",
)
_CHECK_LISTS = ("expect", "warn", "locations")


async def everything(tx: Tx) -> list[Thing]:
    found = await _teams(tx)
    found += await _services_and_checks(tx)
    for rule in await rules.every(tx):
        values = {"when": rule.pattern, "do": list(rule.actions), "enabled": rule.enabled}
        found.append(Thing("rules", rule.name, values, rule.defined_in))
    for channel in await store_channels.every(tx):
        values = {"kind": channel.kind, "options": channel.options}
        found.append(Thing("channels", channel.name, values, channel.defined_in))
    return found


async def _teams(tx: Tx) -> list[Thing]:
    """A file never deletes a team: people stand in it."""
    teams = await accounts.teams(tx)
    ids = {member for team in teams for member in team.members}
    emails = {user.id: user.email for user in await accounts.users_by_ids(tx, ids)}
    return [
        Thing(
            "teams",
            team.name,
            {"title": team.title, "members": sorted(emails[m] for m in team.members)},
        )
        for team in teams
    ]


async def _services_and_checks(tx: Tx) -> list[Thing]:
    """Checks are defined where their service is."""
    found, defined = [], {}
    for service in await services.every(tx):
        defined[service.name] = service.defined_in
        values = {
            "title": service.title,
            "group": service.group,
            "description": service.description,
            "owners": list(service.owners),
            "tags": list(service.tags),
            "links": list(service.links),
        }
        found.append(Thing("services", service.name, values, service.defined_in))
    after = 0
    while page := await checks.checks(tx, after_id=after):
        after = page[-1].id
        for check in page:
            plain = {name: getattr(check, name) for name in _CHECK_FIELDS}
            lists = {name: list(getattr(check, name)) for name in _CHECK_LISTS}
            found.append(Thing("checks", check.title, plain | lists, defined.get(check.service)))
    return found

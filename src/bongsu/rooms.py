"""Which rooms there are, which are on, what each brings: routes, lines of the rail. Others are not imported."""

import importlib
from collections.abc import Collection

from fastapi import APIRouter

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.settings import Settings
from bongsu.web.shell import NavItem

# In the order in which their routes are looked at.
ROOMS: dict[str, tuple[str, ...]] = {
    "accounts": (
        "bongsu.accounts.pages",
        "bongsu.accounts.api",
        "bongsu.accounts.session_api",
        "bongsu.accounts.factor_api",
    ),
    "services": ("bongsu.services.api",),
    "watch": (
        "bongsu.watch.pages",
        "bongsu.watch.service_forms",
        "bongsu.watch.check_forms",
        "bongsu.watch.service_pages",
        "bongsu.watch.api",
        "bongsu.watch.service_api",
    ),
    "incidents": ("bongsu.incidents.pages", "bongsu.incidents.api"),
    "notes": ("bongsu.notes.pages", "bongsu.notes.file_pages", "bongsu.notes.api"),
    "tell": ("bongsu.tell.pages", "bongsu.tell.api", "bongsu.tell.choice_api"),
    "tasks": (
        "bongsu.tasks.home_pages",
        "bongsu.tasks.list_pages",
        "bongsu.tasks.feed_pages",
        "bongsu.tasks.project_pages",
        "bongsu.tasks.column_pages",
        "bongsu.tasks.transfer_pages",
        "bongsu.tasks.board_pages",
        "bongsu.tasks.form_pages",
        "bongsu.tasks.task_pages",
        "bongsu.tasks.api",
        "bongsu.tasks.project_api",
    ),
    "requests": ("bongsu.requests.pages", "bongsu.requests.api"),
    "intake": ("bongsu.intake.door", "bongsu.intake.pages", "bongsu.intake.api"),
    "rules": ("bongsu.rules.pages", "bongsu.rules.api"),
    "architectures": ("bongsu.architectures.pages", "bongsu.architectures.api"),
    "config": ("bongsu.config.api",),
}
# What a room cannot do without; everything stands on accounts.
NEEDS: dict[str, tuple[str, ...]] = {
    "watch": ("services", "incidents", "tell"),
    "incidents": ("services", "notes", "tell"),
    "tasks": ("notes", "tell"),
    "rules": ("tell",),
    "intake": ("services",),
    "architectures": ("watch", "intake"),
    "config": ("services",),
}
# A line of the rail, and the room that brings it.
_RAIL: tuple[tuple[str, NavItem], ...] = (
    ("watch", NavItem("wall", say("Wall"), "/", "i-wall")),
    ("incidents", NavItem("incidents", say("Incidents"), "/incidents", "i-incident",
                          count_fragment="/-/incidents/count", count_topics="incidents")),
    ("tasks", NavItem("tasks", say("Tasks"), "/tasks", "i-task",
                      count_fragment="/-/tasks/count", count_topics="tasks projects")),
    ("rules", NavItem("events", say("Events"), "/events", "i-log")),
    ("tell", NavItem("deliveries", say("Deliveries"), "/deliveries", "i-mail")),
    ("architectures", NavItem("architectures", say("Architecture"), "/architectures", "i-arch", key="a")),
    ("requests", NavItem("requests", say("Requests"), "/requests", "i-table", key="q")),
    ("watch", NavItem("services", say("Services"), "/services", "i-svc", section="setup",
                      count_fragment="/-/services/count", count_topics="services")),
    ("rules", NavItem("rules", say("Rules"), "/rules", "i-rule", section="setup")),
    ("rules", NavItem("channels", say("Channels"), "/channels", "i-bell", section="setup")),
    ("intake", NavItem("intake", say("Sources"), "/intake", "i-hook", section="setup", key="n")),
    ("accounts", NavItem("people", say("People"), "/people", "i-hand", section="setup")),
)  # fmt: skip


def rooms_on(settings: Settings) -> frozenset[str]:
    """Those that are named, with what they need; all of them when none is. Raises Invalid for an unknown name."""
    named = [name.strip() for name in settings.rooms.split(",") if name.strip()]
    unknown = [name for name in named if name not in ROOMS]
    if unknown:
        raise Invalid(
            say(
                "There is no room {room}. Those that can be switched on are {known}.",
                room=unknown[0],
                known=", ".join(ROOMS),
            )
        )
    return frozenset(ROOMS) if not named else _with_needs({"accounts", *named})


def _with_needs(rooms: Collection[str]) -> frozenset[str]:
    found = frozenset(rooms) | {need for room in rooms for need in NEEDS.get(room, ())}
    return found if found == frozenset(rooms) else _with_needs(found)


def rail(on: Collection[str]) -> tuple[NavItem, ...]:
    return tuple(item for room, item in _RAIL if room in on)


def routers(on: Collection[str]) -> list[APIRouter]:
    names = [module for room, modules in ROOMS.items() if room in on for module in modules]
    return [importlib.import_module(name).router for name in names]

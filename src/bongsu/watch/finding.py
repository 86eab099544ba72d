"""What the palette finds of incidents, services and checks by a part of their names."""

from collections.abc import Sequence

from fastapi import Request

from bongsu.accounts.http import clock_of
from bongsu.accounts.model import Actor, allowed
from bongsu.db.session import Tx
from bongsu.incidents import store as incidents
from bongsu.incidents.model import Incident
from bongsu.kit.i18n import say
from bongsu.watch import store_pages
from bongsu.watch.pages import board_of
from bongsu.watch.views import WallView
from bongsu.web.shell import state_of

FIND_LIMIT = 12
INCIDENTS_FOUND = 6


async def find(request: Request, tx: Tx, actor: Actor, words: str) -> list[dict[str, str]]:
    """Without a word: what is open, and every service."""
    if not allowed(actor, "check.read"):
        return []
    language, wanted = state_of(request).language, words.casefold()
    recent = await incidents.listed(
        tx, open_only=None if wanted else True, limit=incidents.LIST_LIMIT
    )
    wall = await board_of(request).view(tx, clock_of(request).now())
    asked = store_pages.Wanted(text=words)
    checks = await store_pages.list_checks(tx, asked, 0, FIND_LIMIT) if words else []
    return [
        *_incidents_found(recent, wanted, language),
        *_services_found(wall, wanted, language),
        *(
            {
                "title": f"{one['service']}/{one['name']}",
                "href": f"/services/{one['service']}#check-{one['id']}",
                "hint": one["kind"],
                "state": one["state"],
            }
            for one in checks
        ),
    ]


def _services_found(wall: WallView, wanted: str, language: str) -> list[dict[str, str]]:
    rows = [row for group in wall.groups for row in group.services]
    fits = [row for row in rows if wanted in f"{row.name} {row.title} {row.group}".casefold()]
    return [
        {
            "title": f"{row.group} · {row.title}" if row.group else row.title,
            "href": f"/services/{row.name}",
            "hint": say("service").to(language),
            "state": row.state or "unknown",
        }
        for row in fits[:FIND_LIMIT]
    ]


def _incidents_found(
    recent: Sequence[Incident], wanted: str, language: str
) -> list[dict[str, str]]:
    """By number (`INC-12`, `12`) or a part of the title; open ones first."""
    shown = [(one, f"{one.name} {one.title.to(language)}") for one in recent]
    fits = [(one, text) for one, text in shown if wanted in text.casefold()]
    fits.sort(key=lambda pair: (pair[0].resolved_at is not None, -pair[0].id))
    return [
        {
            "title": text,
            "href": f"/incidents/{one.id}",
            "hint": (say("resolved") if one.resolved_at else say("open incident")).to(language),
            "icon": "i-incident",
        }
        for one, text in fits[:INCIDENTS_FOUND]
    ]

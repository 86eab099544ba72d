"""What the palette finds of tasks: by key or by words of the title, among those that one may see."""

from fastapi import Request

from bongsu.accounts.model import Actor, allowed
from bongsu.db.session import Tx
from bongsu.kit.i18n import say
from bongsu.tasks import projects, store_lists
from bongsu.web.shell import state_of

TASKS_FOUND = 8
PROJECTS_FOUND = 4


async def find(request: Request, tx: Tx, actor: Actor, words: str) -> list[dict[str, str]]:
    """The exact key first, then open ones, then what is done; projects by their title. Nothing for no words."""
    if not words or not allowed(actor, "task.read"):
        return []
    language = state_of(request).language
    seen = await projects.seen(tx, actor)
    tasks = await store_lists.found(tx, words, [one.id for one in seen], TASKS_FOUND)
    done, board = say("done").to(language), say("board").to(language)
    folded = words.casefold()
    fits = [one for one in seen if folded in f"{one.key} {one.title}".casefold()]
    return [
        *(
            {
                "title": f"{one.key} {one.title}",
                "href": one.href,
                "hint": done if one.status == "done" else one.column,
                "icon": "i-task",
            }
            for one in tasks
        ),
        *(
            {"title": one.title, "href": f"/projects/{one.key}", "hint": board, "icon": "i-task"}
            for one in fits[:PROJECTS_FOUND]
        ),
    ]

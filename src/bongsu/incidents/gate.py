"""What the room notes asks about incidents, and what a note does to them: a line of the timeline, an event."""

from typing import Any

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor, allowed, require
from bongsu.db.session import Tx
from bongsu.incidents import store, words
from bongsu.incidents.model import Incident
from bongsu.incidents.news import tell_log
from bongsu.incidents.store import Entry
from bongsu.kit.clock import Clock
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head
from bongsu.notes.gate import NoteData, Subject, What

FAMILY = "incident"
LINE_LIMIT = 4000  # of a comment in the timeline and in its event


class IncidentGate:
    async def read(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        require(actor, "incident.read")
        return _subject(there(await store.get(tx, ident), ident), actor)

    async def write(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        """Also on one that is over."""
        require(actor, "incident.comment")
        return _subject(there(await store.get(tx, ident), ident), actor)

    async def may_read(
        self,
        tx: Tx,
        subject: Subject,  # noqa: ARG002 (of the protocol)
        user_id: int,
    ) -> bool:
        """Everybody who is signed in may see incidents."""
        person = await accounts.user_by_id(tx, user_id)
        return person is not None and person.active

    async def heard(
        self, tx: Tx, actor: Actor, subject: Subject, what: What, note: NoteData, clock: Clock
    ) -> None:
        number = int(subject.key.partition("/")[2])
        incident = there(await store.get(tx, number), number)
        said = _said(what, note, actor)
        entry = Entry(
            at=clock.now(),
            kind=_KINDS[what],
            said=said,
            actor=actor.ref,
            note_id=note.id or None,
        )
        if note.id:
            await store.put_comment(tx, number, entry)
        else:
            await store.add(tx, number, entry)
        tell_log(tx, what, incident, clock, actor=actor, reason=said, more=_more(note))


_KINDS: dict[What, str] = {
    "commented": "comment",
    "comment_edited": "comment",
    "comment_deleted": "uncommented",
    "attached": "attached",
    "detached": "detached",
}


def there(incident: Incident | None, number: int) -> Incident:
    """Raises NotFound."""
    if incident is None:
        raise NotFound(
            say("There is no incident INC-{id}. Look in the list of incidents.", id=number)
        )
    return incident


def _subject(incident: Incident, actor: Actor) -> Subject:
    return Subject(
        key=incident.subject,
        title=incident.name,
        href=f"/incidents/{incident.id}",
        resources=(f"service/{incident.service_id}",) if incident.service_id else (),
        people=(incident.holder_id,) if incident.holder_id else (),
        manager=allowed(actor, "incident.moderate"),
    )


def _said(what: What, note: NoteData, actor: Actor) -> Said:
    files = words.names([one.name for one in note.files])
    if what == "attached":
        return say("{person} attached {files}", person=actor.name, files=files)
    if what == "detached":
        return say("{person} removed {files}", person=actor.name, files=files)
    if what == "comment_deleted":
        return say("A comment was removed")
    return words.own(head(note.text, LINE_LIMIT))


def _more(note: NoteData) -> dict[str, Any]:
    text = head(note.text, LINE_LIMIT)
    return {
        "note": {"id": note.id, "text": text, "mentions": list(note.mentions)},
        "files": [{"id": one.id, "name": one.name} for one in note.files],
    }


GATE = IncidentGate()

"""An event of any type as a message, for channels that want to hear of events themselves."""

from bongsu.deliver.model import Message
from bongsu.events.envelope import Event
from bongsu.kit.i18n import Said, say
from bongsu.tell.model import Compose, Defaults, Deliver, stamp, zone_of

_STATES = {
    "up": say("up"),
    "degraded": say("degraded"),
    "down": say("down"),
    "unknown": say("unknown"),
}


def about_event(event: Event, defaults: Defaults) -> Compose:
    """For tell.service: composes in the listener's language."""

    def compose(decision: Deliver, key: str) -> Message:
        return event_message(event, decision, key, defaults)

    return compose


def event_message(event: Event, decision: Deliver, key: str, defaults: Defaults) -> Message:
    language = decision.listener.language
    zone = zone_of(decision.listener.time_zone)
    facts = [
        (say("Event"), event.type),
        (say("Concerns"), event.subject),
        (say("At"), stamp(event.time, event.recorded, zone, language)),
        (say("Actor"), event.actor),
    ]
    reason = said_in(event.data.get("reason"))
    return Message(
        key=key,
        thread=event.dedup_key or event.subject,
        list_id=event.source,
        subject=headline(event).to(language),
        lead=(reason or headline(event)).to(language),
        facts=tuple((name.to(language), value) for name, value in facts),
        because=say("You get this because: {reason}.", reason=decision.reason).to(language),
        link=f"{defaults.public_url}/events/{event.id}",
        severity=event.severity,
        state=state_of(event),
        language=language,
        event=event.cloudevent(),
    )


def headline(event: Event) -> Said:
    title = said_in(event.data.get("title"))
    if title is not None:
        return title
    service, check = event.data.get("service"), event.data.get("check")
    if isinstance(service, dict) and isinstance(check, dict) and state_of(event) != "unknown":
        thing = f"{service.get('title') or service.get('name')} / {check.get('name')}"
        return say("{thing}: {state}", thing=thing, state=_STATES[state_of(event)])
    return say("{type} of {subject}", type=event.type, subject=event.subject)


def state_of(event: Event) -> str:
    after = event.data.get("after")
    state = after.get("state") if isinstance(after, dict) else None
    return str(state) if state in _STATES else "unknown"


def said_in(value: object) -> Said | None:
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return Said.load(value)
    return None

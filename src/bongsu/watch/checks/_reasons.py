"""Why a check fails, in one sentence for people. Pure."""

import re
from collections.abc import Sequence

from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head, one_line
from bongsu.net.model import Fault
from bongsu.watch.model import Observation, Outcome

_TEXT_LIMIT = 200

# {place} is the host or address that the check names, {seconds} how long it took until then.
_SENTENCES = {
    "connect_refused": say("{place} refused the connection."),
    "connect_timeout": say("{place} took no connection within {seconds} s."),
    "connect_reset": say("{place} broke the connection off."),
    "unreachable": say("{place} cannot be reached: {text}."),
    "tls": say("No TLS connection with {place} came about: {text}."),
    "certificate": say("The certificate of {place} is not trusted: {problem}."),
    "timeout": say("{place} did not finish its answer within {seconds} s."),
    "protocol": say("{place} did not answer properly: {text}."),
    "too_large": say("The headers that {place} sent are larger than allowed."),
    "own": say("This machine could not look: {text}."),
}

_STATUS = re.compile(r"\[STATUS\]\s*==\s*(\d{3})", re.IGNORECASE)
_TIME = re.compile(r"\[RESPONSE_TIME\]\s*<=?\s*(\d+)(ms)?", re.IGNORECASE)
_EXPIRY = re.compile(r"\[CERTIFICATE_EXPIRATION\]\s*>=?\s*([\d.a-z]+)", re.IGNORECASE)


def fault_reason(fault: Fault, place: str, seconds: float) -> Said:
    if fault.said is not None:
        return fault.said
    sentence = _SENTENCES.get(fault.kind, _SENTENCES["unreachable"]).text
    text = head(one_line(redact_text(fault.text)), _TEXT_LIMIT).rstrip(".")
    values = {
        "place": place,
        "seconds": f"{max(seconds, 0.1):.1f}".removesuffix(".0"),
        "text": text,
        "problem": say(text) if fault.kind == "certificate" else "",
    }
    return say(sentence, **{k: v for k, v in values.items() if f"{{{k}}}" in sentence})


def condition_reason(seen: Observation, missed: Sequence[Outcome]) -> Said:
    """About the first condition that does not hold, and how many more there are."""
    first = _one(seen, missed[0])
    if len(missed) == 1:
        return first
    return say_n(
        "{first} One more condition does not hold.",
        "{first} {n} more conditions do not hold.",
        len(missed) - 1,
        first=first,
    )


def _one(seen: Observation, missed: Outcome) -> Said:
    wanted = missed.condition.strip()
    if (status := _STATUS.fullmatch(wanted)) and seen.status is not None:
        return say(
            "Answered {status}, expected {expected}.", status=seen.status, expected=status[1]
        )
    if limit := _TIME.fullmatch(wanted):
        return say("Took {took} ms, limit {limit} ms.", took=seen.total_us // 1000, limit=limit[1])
    if (limit := _EXPIRY.fullmatch(wanted)) and seen.certificate is not None:
        days = seen.certificate.expires_in_ms(seen.at) // 86_400_000
        if days < 0:
            return say_n(
                "The certificate ran out {n} day ago.",
                "The certificate ran out {n} days ago.",
                -days,
            )
        return say(
            "The certificate runs out in {days} d, expected more than {limit}.",
            days=days,
            limit=limit[1],
        )
    text = head(one_line(redact_text(missed.text)), _TEXT_LIMIT)
    return say("Condition not met: {text}", text=text)

"""`bongsu probe TARGET`: one probe now, from this machine, with no server."""

import asyncio
import json as codec
import sys
from typing import Annotated, Any

from cyclopts import Parameter

from bongsu.kit.clock import SYSTEM_CLOCK, iso
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say, terminal_language
from bongsu.kit.settings import Settings
from bongsu.kit.text import cells
from bongsu.kit.units import parse_duration_s
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Phases
from bongsu.net.resolver import Resolver
from bongsu.watch.model import Check, CheckId, Observation, ServiceId
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober, Unfit, prepare

_BAR_CELLS = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_PHASES = (
    ("name", say("Name")),
    ("connect", say("Connection")),
    ("tls", say("TLS")),
    ("first_byte", say("First byte")),
    ("transfer", say("Transfer")),
)
_LEVELS = {
    "up": say("Up"),
    "degraded": say("Degraded"),
    "down": say("Down"),
    "unknown": say("Unknown"),
}


def probe(
    target: str,
    *,
    expect: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    timeout: str = "10s",
    json: bool = False,
) -> int:
    """One probe now, phases drawn; no server needed. Exit status 1 when it is not well.

    Parameters
    ----------
    target
        A URL, host:port for TCP, or tls://host:port for a certificate.
    expect
        A condition such as "[STATUS] == 200"; may be given several times.
    timeout
        For everything together, such as 10s.
    json
        One JSON document instead of the drawing.
    """
    check = check_of(target, expect, timeout)
    seen = asyncio.run(_look(check))
    if json:
        print(codec.dumps(document(seen), ensure_ascii=False))
    else:
        language = terminal_language()
        print("\n".join(drawn(check, seen, language, bars=sys.stdout.isatty())))
    return 0 if seen.ok else 1


def check_of(target: str, expect: tuple[str, ...], timeout: str) -> Check:
    """Raises Invalid for a target, a condition or a duration that cannot be."""
    kind, options = kind_of(target.strip())
    try:
        timeout_s = parse_duration_s(timeout)
    except ValueError:
        raise Invalid(say("{text} is no duration such as 10s.", text=timeout)) from None
    check = Check(
        id=CheckId(0),
        name="probe",
        service_id=ServiceId(0),
        service="here",
        kind=kind,
        options=options,
        every_s=60.0,
        timeout_s=timeout_s,
        expect=expect,
    )
    ready = prepare(check)
    if isinstance(ready, Unfit):
        raise Invalid(ready.reason)
    return check


def kind_of(target: str) -> tuple[str, dict[str, Any]]:
    """`https://…` http · `tls://host[:port]` tls · `tcp://host:port`, `host:port` tcp · `host` https."""
    scheme, found, rest = target.partition("://")
    if not found:
        port = target.rpartition(":")[2]
        is_port = port.isdecimal() and ("]" in target or target.count(":") == 1)
        return ("tcp", {"address": target}) if is_port else ("http", {"url": f"https://{target}/"})
    if scheme in {"tls", "tcp"}:
        return scheme, {"address": rest.rstrip("/")}
    return "http", {"url": target}


async def _look(check: Check) -> Observation:
    settings = Settings.load()
    resolver = Resolver.from_settings(settings)
    fetcher = Fetcher(resolver)
    own = OwnFaults(SYSTEM_CLOCK, resolver.canary_ok)
    policy = EgressPolicy.parse(settings.checks_may_reach)
    try:
        return await Prober(fetcher, policy, SYSTEM_CLOCK, own=own).look(check)
    finally:
        await fetcher.close()
        await resolver.close()


def document(seen: Observation) -> dict[str, Any]:
    """The shape that other programs rely on (DESIGN.md, "Exact shapes")."""
    error = str(seen.reason) if seen.fault is not None and seen.reason else None
    return {
        "ok": seen.ok,
        "status": seen.status,
        "ip": _ip(seen),
        "phases_us": {name: getattr(seen.phases_us, name) for name, _ in _PHASES},
        "total_us": seen.total_us,
        "certificate": _certificate(seen),
        "conditions": [
            {"condition": one.condition, "ok": one.ok, "text": one.text} for one in seen.conditions
        ],
        "error": error,
    }


def _ip(seen: Observation) -> str | None:
    return seen.address.rpartition(":")[0].strip("[]") if seen.address else None


def _certificate(seen: Observation) -> dict[str, Any] | None:
    if seen.certificate is None:
        return None
    return {
        "subject": seen.certificate.subject,
        "issuer": seen.certificate.issuer,
        "names": list(seen.certificate.names),
        "not_before": iso(seen.certificate.not_before),
        "not_after": iso(seen.certificate.not_after),
        "chain_length": seen.certificate.chain_length,
        "protocol": seen.certificate.protocol,
        "problem": seen.certificate.problem,
    }


def drawn(check: Check, seen: Observation, language: str, *, bars: bool) -> list[str]:
    """What the terminal shows: state, phases as a waterfall, certificate, conditions, reason."""
    target = next(iter(check.options.values()))
    facts = [str(seen.status or ""), seen.address or "", f"{seen.total_us / 1000:.1f} ms"]
    level = _LEVELS[seen.level].to(language)
    lines = [f"{level}  {target}  {' · '.join(filter(None, facts))}"]
    lines += _waterfall(seen.phases_us, language, bars=bars)
    lines += [_certificate_line(seen, language)] if seen.certificate else []
    lines += [f"  {'✓' if one.ok else '✗'} {one.text}" for one in seen.conditions]
    lines += [f"  {seen.reason.to(language)}"] if seen.reason else []
    return lines


def _waterfall(phases: Phases, language: str, *, bars: bool) -> list[str]:
    labels = [label.to(language) for _, label in _PHASES]
    width = max(map(cells, labels))
    lines, began_us = [], 0
    for (name, _), label in zip(_PHASES, labels, strict=True):
        took_us = getattr(phases, name)
        if not took_us:
            continue
        pad = " " * (width - cells(label))
        bar = f"  {_bar(began_us, took_us, phases.total)}" if bars else ""
        lines.append(f"  {label}{pad} {took_us / 1000:9.2f} ms{bar}".rstrip())
        began_us += took_us
    return lines


def _bar(began_us: int, took_us: int, total_us: int) -> str:
    """Where in the whole a phase lies and how long it is, to an eighth of a cell."""
    if not total_us or not took_us:
        return ""
    start = round(began_us / total_us * _BAR_CELLS)
    eighths = max(1, round(took_us / total_us * _BAR_CELLS * 8))
    full, rest = divmod(eighths, 8)
    return " " * start + "█" * full + (_EIGHTHS[rest] if rest else "")


def _certificate_line(seen: Observation, language: str) -> str:
    shown = seen.certificate
    if shown is None:
        return ""
    days = shown.expires_in_ms(seen.at) // 86_400_000
    said: Said = say(
        "Certificate of {subject} by {issuer}, until {until} ({days} d)",
        subject=shown.names[0] if shown.names else shown.subject,
        issuer=shown.issuer,
        until=f"{shown.not_after:%Y-%m-%d}",
        days=days,
    )
    return f"  {said.to(language)}"

"""One look at one check: kind → what it saw → conditions → level and reason."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Shelf
from bongsu.kit.problems import problems_of
from bongsu.kit.redact import redact_text
from bongsu.kit.secretref import Secrets
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.watch.checks._context import ProbeContext, not_ready
from bongsu.watch.checks._reasons import condition_reason
from bongsu.watch.conditions import Condition, ConditionResult, compile_condition, needs
from bongsu.watch.model import Check, Observation, Outcome, State
from bongsu.watch.own import OwnFaults

SHELF = Shelf("bongsu.watch.checks")
# Most checks share a few conditions; each would else be compiled, and 3 kB of it kept, for every check.
_compiled = lru_cache(maxsize=4096)(compile_condition)
# A closed port can be what somebody wants: with these, conditions about [CONNECTED] have the last word.
_NO_CONNECTION = frozenset(
    {"connect_refused", "connect_timeout", "connect_reset", "unreachable", "timeout"}
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A check made ready: kind loaded, options read, conditions compiled."""

    check: Check
    probe: Any
    options: Any
    expect: tuple[Condition, ...]
    warn: tuple[Condition, ...]
    needs: frozenset[str]
    judges_connection: bool
    context: ProbeContext | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A check that cannot be made at all, and why."""

    check: Check
    reason: Said


def prepare(check: Check) -> Prepared | Unfit:
    """Never raises for a bad check: it is a value, and its looks say `unknown` with the reason."""
    try:
        kind = SHELF.module(check.kind)
        options = kind.SPEC.options.model_validate(check.options)
        expect = tuple(map(_compiled, check.expect or kind.DEFAULT_EXPECT))
        warn = tuple(map(_compiled, check.warn))
    except BongsuError as error:
        return Unfit(check, error.said)
    except ImportError as error:
        said = say("The kind {kind} cannot be used here: {why}.", kind=check.kind, why=str(error))
        return Unfit(check, said)
    except ValidationError as error:
        return Unfit(check, _misfit(error))
    judges = any("[CONNECTED]" in condition.text.upper() for condition in expect)
    return Prepared(check, kind.probe, options, expect, warn, needs((*expect, *warn)), judges)


def _misfit(error: ValidationError) -> Said:
    """About the first option that does not fit. Our validators raise with a sentence of ours."""
    first = error.errors(include_input=False, include_url=False)[0]
    (problem,) = problems_of([first])
    field = "options" if problem.where == "body" else problem.where
    return say("The option {field} does not fit: {what}", field=field, what=problem.what)


class Prober:
    """Looks at checks. Prepared checks are kept as long as the same Check comes."""

    def __init__(
        self,
        fetcher: Fetcher,
        policy: EgressPolicy,
        clock: Clock,
        *,
        secrets: Secrets | None = None,
        own: OwnFaults | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._policy = policy
        self._clock = clock
        self._secrets = secrets or Secrets(clock)
        self._own = own
        self._prepared: dict[int, Prepared | Unfit] = {}

    def forget(self, check_id: int) -> None:
        self._prepared.pop(check_id, None)

    async def look(self, check: Check, late_s: float = 0.0) -> Observation:
        """`observe`, judged for faults of our own. `late_s` is how late the slot started."""
        if self._own is None:
            return await self.observe(check)
        since = self._own.started()
        return await self._own.judged(await self.observe(check), since, late_s)

    async def observe(self, check: Check) -> Observation:
        """One look. The outside world's faults are data; what is raised is a bug of a kind."""
        ready = self._prepared.get(check.id)
        if ready is None or ready.check is not check:
            ready = self._prepared[check.id] = self._with_context(prepare(check))
        if isinstance(ready, Unfit):
            return not_ready(self._clock.now(), "options", ready.reason)
        return judged(ready, await ready.probe(ready.options, ready.context))

    def _with_context(self, ready: Prepared | Unfit) -> Prepared | Unfit:
        if isinstance(ready, Unfit):
            return ready
        context = ProbeContext(
            self._fetcher,
            self._policy,
            self._clock,
            self._secrets,
            ready.check.timeout_s,
            ready.needs,
        )
        return replace(ready, context=context)


def judged(ready: Prepared, seen: Observation) -> Observation:
    """What the conditions make of what was seen: pure."""
    if seen.own is not None:
        return seen
    result = _result(seen)
    expect = [condition.evaluate(result, seen.at) for condition in ready.expect]
    warn = [condition.evaluate(result, seen.at) for condition in ready.warn]
    missed = [outcome for outcome in expect if not outcome.ok]
    level: State = "up"
    reason: Said | None = None
    if seen.fault is not None and not (_was_wanted(ready, seen) and not missed):
        level, reason = "down", seen.reason
    elif missed:
        level, reason = "down", condition_reason(seen, missed)
    elif missed := [outcome for outcome in warn if not outcome.ok]:
        level, reason = "degraded", condition_reason(seen, missed)
    outcomes = tuple([one if one.ok else _clean(one) for one in (*expect, *warn)])
    return _with_verdict(seen, level, reason, outcomes)


def _with_verdict(
    seen: Observation, level: State, reason: Said | None, outcomes: tuple[Outcome, ...]
) -> Observation:
    """As `replace` does, at a fifth of its price: this runs for every look."""
    return Observation(
        ok=level == "up",
        level=level,
        at=seen.at,
        connected=seen.connected,
        status=seen.status,
        phases_us=seen.phases_us,
        address=seen.address,
        http_version=seen.http_version,
        headers=seen.headers,
        body=seen.body,
        body_truncated=seen.body_truncated,
        certificate=seen.certificate,
        redirects=seen.redirects,
        fault=seen.fault,
        own=seen.own,
        conditions=outcomes,
        reason=reason,
    )


def _was_wanted(ready: Prepared, seen: Observation) -> bool:
    no_connection = seen.fault is not None and seen.fault.kind in _NO_CONNECTION
    return ready.judges_connection and no_connection and not seen.connected


def _result(seen: Observation) -> ConditionResult:
    shown = seen.certificate
    return ConditionResult(
        status=seen.status or 0,
        ip=seen.address.rpartition(":")[0].strip("[]") if seen.address else "",
        connected=seen.connected,
        duration_ms=seen.total_us / 1000,
        certificate_expiration_ms=shown.expires_in_ms(seen.at) if shown else 0,
        headers=seen.headers,
        body=seen.body,
    )


def _clean(outcome: Outcome) -> Outcome:
    """The values seen may hold a secret that the target sent back."""
    return replace(outcome, text=redact_text(outcome.text))

"""Every failure that a caller may want to treat differently.

    BongsuError
    ├── Invalid            422  the input is wrong; `problems` names each place
    ├── NotSignedIn        401
    │   ├── CodeNeeded          the password was right; a code of the second factor is still needed
    │   └── NotVerified         the password was right; the mail address is still to be verified
    ├── NotAllowed         403
    │   └── FactorRequired      nothing works here without a second factor
    ├── NotFound           404
    ├── Conflict           409  somebody else was faster, or the thing exists
    ├── TooLarge           413
    ├── TooMany            429  `retry_after_s`
    └── Unavailable        503  a part of ours is away
        ├── StateBusy           the database did not answer in time
        ├── LakeAway            history is away; states and alarms go on
        └── ObjectsAway         the object store is away

A message has three parts: what happened, to which named thing, what to do next; and never a secret.
"""

from dataclasses import dataclass

from bongsu.kit.i18n import Said, say


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where (`field` path, or file and line), what, and what to do."""

    where: str
    what: Said
    todo: Said | None = None
    file: str | None = None
    line: int | None = None

    def to(self, language: str) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        todo = f" {self.todo.to(language)}" if self.todo else ""
        return f"{place}{self.where}: {self.what.to(language)}{todo}"


class BongsuError(Exception):
    """`said` is for the person, `code` for the program; `permanent`: trying again cannot help."""

    code = "internal"
    status = 500
    permanent = True

    def __init__(self, said: Said) -> None:
        super().__init__(said.text, said.args)
        self.said = said

    def __str__(self) -> str:
        return str(self.said)


class Invalid(BongsuError):
    code = "invalid"
    status = 422

    def __init__(self, said: Said, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(said)
        self.problems = problems


class NotSignedIn(BongsuError):
    code = "not_signed_in"
    status = 401


class CodeNeeded(NotSignedIn):
    code = "second_factor_needed"


class NotVerified(NotSignedIn):
    code = "address_not_verified"


class NotAllowed(BongsuError):
    code = "not_allowed"
    status = 403


class FactorRequired(NotAllowed):
    code = "second_factor_required"


class NotFound(BongsuError):
    code = "not_found"
    status = 404


class Conflict(BongsuError):
    code = "conflict"
    status = 409


class TooLarge(BongsuError):
    code = "too_large"
    status = 413


class TooMany(BongsuError):
    code = "too_many"
    status = 429
    permanent = False

    def __init__(self, said: Said, retry_after_s: float) -> None:
        super().__init__(said)
        self.retry_after_s = retry_after_s

    @property
    def retry_after(self) -> str:
        """As HTTP’s header says it: whole seconds, at least one."""
        return str(max(1, round(self.retry_after_s)))


class Unavailable(BongsuError):
    code = "unavailable"
    status = 503
    permanent = False


class StateBusy(Unavailable):
    code = "state_busy"

    def __init__(self) -> None:
        super().__init__(
            say("The database did not answer in time. Nothing was changed; try again.")
        )


class LakeAway(Unavailable):
    code = "lake_away"

    def __init__(self, why: str = "") -> None:
        super().__init__(say("History is away. States and alarms go on; try again in a minute."))
        self.why = why


class ObjectsAway(Unavailable):
    code = "objects_away"

    def __init__(self, why: str = "") -> None:
        super().__init__(
            say("The object store is away. What was kept here is sent when it is back.")
        )
        self.why = why


NOT_KEPT = say(
    "A character or number in it cannot be kept (NUL, half of a pair, or beyond all numbers). Write it anew."
)

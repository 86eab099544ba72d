"""Equality of text without case, letter by letter as EventBridge does it.

Each letter of the pattern stands for its lower and its upper form, either of which may be longer than
one letter (`İ` is `i̇`); the letters of the event stand only for themselves. So `ß` in the pattern fits
`SS`, and `SS` does not fit `ß`.
"""

Forms = tuple[tuple[str, str], ...]


def forms_of(text: str) -> Forms:
    return tuple((letter.lower(), letter.upper()) for letter in text)


def after_head(forms: Forms, value: str) -> int | None:
    """Where in `value` the forms end when they stand at its beginning. No form begins with its
    other one, so the first that fits is the only one.
    """
    at = 0
    for lower, upper in forms:
        if value.startswith(lower, at):
            at += len(lower)
        elif value.startswith(upper, at):
            at += len(upper)
        else:
            return None
    return at


def is_tail(forms: Forms, value: str) -> bool:
    end = len(value)
    for lower, upper in reversed(forms):
        if value.endswith(lower, 0, end):
            end -= len(lower)
        elif value.endswith(upper, 0, end):
            end -= len(upper)
        else:
            return False
    return True


def folded(text: str) -> str | None:
    """A form that every value which fits `text` shares with it after `casefold()`; None where there
    is none (`ı`).
    """
    if any(lower.casefold() != upper.casefold() for lower, upper in forms_of(text)):
        return None
    return text.casefold()

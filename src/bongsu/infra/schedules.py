"""When EventBridge starts something: `rate(…)` and `cron(…)`, as AWS takes them. Pure."""

import re
from dataclasses import dataclass

from bongsu.kit.i18n import Said, say

RATE = re.compile(r"rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)")
CRON = re.compile(r"cron\(([^()]+)\)")
MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
MONTH_MINUTES = 730 * 60
DAYS_OF_MONTH, DAYS_OF_WEEK = 365 / 12, 365 / 12 / 7
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the six of a cron expression: its range, and the words that stand for numbers from `first` on."""

    name: Said
    first: int
    last: int
    words: tuple[str, ...] = ()
    special: str = "(?!)"  # what else it takes

    def number(self, text: str) -> int | None:
        if text.upper() in self.words:
            return self.first + self.words.index(text.upper())
        found = int(text) if re.fullmatch(r"\d{1,4}", text) else None
        return found if found is not None and self.first <= found <= self.last else None

    def count(self, text: str) -> int | None:
        """How many of its values are meant; None for what is none of its forms."""
        if re.fullmatch(self.special, text):
            return 1
        counts = [self._one(part) for part in text.split(",")]
        return sum(one for one in counts if one) if all(counts) else None

    def _one(self, text: str) -> int | None:
        stem, slash, step = text.partition("/")
        span = self._span(stem, open_end=bool(slash))
        if span is None or (slash and not re.fullmatch(r"[1-9]\d{0,3}", step)):
            return None
        return -(-span // int(step or 1))

    def _span(self, text: str, *, open_end: bool) -> int | None:
        if text == "*":
            return self.last - self.first + 1
        first, dash, last = text.partition("-")
        begin = self.number(first)
        end = self.number(last) if dash else (self.last if open_end else begin)
        if begin is None or end is None:
            return None
        return (end - begin) % (self.last - self.first + 1) + 1


FIELDS = (
    Field(say("minutes"), 0, 59),
    Field(say("hours"), 0, 23),
    Field(say("day of the month"), 1, 31, (), r"\?|L|LW|\d{1,2}W"),
    Field(say("month"), 1, 12, MONTHS),
    Field(
        say("day of the week"), 1, 7, DAYS, r"\?|L|[1-7]L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5]"
    ),
    Field(say("year"), 1970, 2199),
)


def wrong_schedule(text: str) -> Said | None:
    """What is wrong with it; None for one that AWS takes."""
    rate, cron = RATE.fullmatch(text), CRON.fullmatch(text)
    if rate:
        right = (rate[1] == "1") != bool(rate[3])
        return (
            None
            if right
            else say("AWS takes rate(1 hour) and rate(2 hours): 1 without an s, more with it.")
        )
    if cron:
        return _wrong_cron(cron[1].split())
    return say("This is neither rate(5 minutes) nor cron(0 3 * * ? *).")


def _wrong_cron(words: list[str]) -> Said | None:
    if len(words) != len(FIELDS):
        return say(
            "AWS's cron has six fields (minutes, hours, day of the month, month, day of the week, year); "
            "here are {count}. Every night at three is cron(0 3 * * ? *).",
            count=len(words),
        )
    for field, word in zip(FIELDS, words, strict=True):
        if field.count(word) is None:
            return say("{word} is no {field} of AWS's cron.", word=word, field=field.name)
    if [words[2], words[4]].count("?") != 1:
        return say(
            "Of the day of the month and the day of the week exactly one is a question mark."
        )
    return None


def runs_a_month(text: str) -> float:
    """How often it starts something in a usual month; nothing for what AWS does not take."""
    if wrong_schedule(text):
        return 0.0
    if rate := RATE.fullmatch(text):
        return MONTH_MINUTES / (int(rate[1]) * MINUTES[rate[2]])
    words = text.removeprefix("cron(").removesuffix(")").split()
    minutes, hours, days, months, weekdays, _ = (
        field.count(word) or 0 for field, word in zip(FIELDS, words, strict=True)
    )
    of_month = weekdays * DAYS_OF_WEEK if words[2] == "?" else min(days, DAYS_OF_MONTH)
    return minutes * hours * of_month * months / 12

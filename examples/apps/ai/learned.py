"""A classifier that counts words (naive Bayes), and the sentences that say most. Nothing is downloaded."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

WORD = re.compile(r"[a-z']+|[가-힣]+")
SENTENCE = re.compile(r"(?<=[.!?。])\s+")
COMMON = frozenset(
    ("a", "an", "and", "are", "be", "but", "for", "i", "in", "is", "it", "me", "my", "of", "on", "or", "so",
     "that", "the", "this", "to", "was", "we", "with", "you")
)  # fmt: skip


def words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if word not in COMMON]


@dataclass(frozen=True, slots=True)
class Guess:
    """`share`: of all labels together, from 0 to 1; `because`: the words that spoke most for it."""

    label: str
    share: float
    because: tuple[str, ...]


class Classifier:
    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        """`examples`: label and text."""
        self.seen: dict[str, Counter[str]] = {}
        self.texts = Counter[str]()
        for label, text in examples:
            self.seen.setdefault(label, Counter()).update(words(text))
            self.texts[label] += 1
        self.known = {word for counter in self.seen.values() for word in counter}

    def guess(self, text: str) -> Guess:
        found = [word for word in words(text) if word in self.known]
        scores = {label: self._score(label, found) for label in sorted(self.seen)}
        best = max(scores, key=lambda label: scores[label])
        share = 1 / sum(exp(score - scores[best]) for score in scores.values())
        speaks = sorted(set(found), key=lambda word: (-self._weight(best, word), word))
        return Guess(best, share, tuple(speaks[:3]))

    def _score(self, label: str, found: list[str]) -> float:
        prior = log(self.texts[label] / sum(self.texts.values()))
        return prior + sum(log(self._chance(label, word)) for word in found)

    def _chance(self, label: str, word: str) -> float:
        """One more of each than was seen, so that a new word does not decide alone."""
        counter = self.seen[label]
        return (counter[word] + 1) / (counter.total() + len(self.known))

    def _weight(self, label: str, word: str) -> float:
        others = [self._chance(other, word) for other in self.seen if other != label]
        return log(self._chance(label, word)) - log(max(others))


def summary(text: str, most: int = 2) -> list[str]:
    """The sentences whose words the text repeats, in their order."""
    sentences = [one.strip() for one in SENTENCE.split(text) if one.strip()]
    counts = Counter(words(text))

    def weight(sentence: str) -> float:
        found = words(sentence)
        return sum(counts[word] for word in found) / (len(found) + 3)

    chosen = sorted(range(len(sentences)), key=lambda index: (-weight(sentences[index]), index))[
        :most
    ]
    return [sentences[index] for index in sorted(chosen)]


def load(path: Path) -> Classifier:
    """One example a line: the label, a tab, the text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines if line and not line.startswith("#"))
    return Classifier((label, text) for label, text in pairs)

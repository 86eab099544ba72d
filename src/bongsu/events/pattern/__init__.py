"""Amazon EventBridge's event patterns: compile, match, explain, and an index for thousands of them.

pattern = compile_pattern({"source": ["bongsu"], "detail": {"after": {"state": ["down"]}}})
pattern.matches(event.match_view())
explain(pattern, event.match_view()).lines("en")

index = PatternIndex[int]()
index.add(rule_id, pattern)
index.match(event.match_view())  # → [rule_id, …]
"""

from bongsu.events.pattern.compile import compile_pattern
from bongsu.events.pattern.explain import Explanation, GroupVerdict, LeafVerdict, explain
from bongsu.events.pattern.index import PatternIndex
from bongsu.events.pattern.json_text import parse_json
from bongsu.events.pattern.pattern import Pattern

__all__ = [
    "Explanation",
    "GroupVerdict",
    "LeafVerdict",
    "Pattern",
    "PatternIndex",
    "compile_pattern",
    "explain",
    "parse_json",
]

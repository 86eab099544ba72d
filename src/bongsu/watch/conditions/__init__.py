"""Check conditions: Gatus's language, and Bongsu's superset of it. See docs/en/conditions.md."""

from bongsu.watch.conditions.condition import Condition, compile_condition, needs
from bongsu.watch.conditions.result import ConditionResult

__all__ = ["Condition", "ConditionResult", "compile_condition", "needs"]

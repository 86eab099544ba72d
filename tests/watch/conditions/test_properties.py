"""What holds for all conditions and all replies."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.kit.errors import Invalid
from bongsu.watch.conditions import Condition, ConditionResult, compile_condition
from bongsu.watch.conditions.condition import Compat
from bongsu.watch.model import Outcome

COMPATS: tuple[Compat, ...] = (None, "gatus")

names = st.sampled_from(["a", "b", "items", "x y", "한", ""]) | st.text(max_size=4)
texts = st.text(max_size=12) | st.sampled_from(
    [
        "UP",
        "5m",
        "0x1F",
        "1e3",
        "nan",
        "inf",
        "pat(*)",
        "any(a,b)",
        "017",
        "-1h",
        "1_0",
        "9" * 40,
        "[STATUS]",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
bodies = st.binary(max_size=40) | documents.map(
    lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
)
whole_ms = st.integers(-(10**12), 10**12)
results = st.builds(
    ConditionResult,
    status=st.integers(0, 999),
    ip=texts,
    connected=st.booleans(),
    duration_ms=st.floats(),
    certificate_expiration_ms=whole_ms,
    domain_expiration_ms=whole_ms,
    dns_rcode=texts,
    headers=st.dictionaries(names, texts, max_size=3)
    | st.lists(st.tuples(names, texts), max_size=3),
    body=bodies,
    context=st.none() | st.dictionaries(names, documents, max_size=3),
)

basic = ["[STATUS]", "[IP]", "[RESPONSE_TIME]", "[CONNECTED]", "[DNS_RCODE]", "[UNKNOWN]"]
expiries = ["[CERTIFICATE_EXPIRATION]", "[DOMAIN_EXPIRATION]"]
inside = ["[HEADER].a", "[HEADER].Server", "[CONTEXT].a", "[CONTEXT].b[0]"]
body_paths = [
    "[BODY]",
    "[body]",
    "[BODY].a",
    "[BODY].a.b",
    "[BODY][0]",
    "[BODY][-1].items[1]",
    '[BODY]["a"]',
]
places = st.sampled_from([*basic, *expiries, *inside, *body_paths])
words = texts.map(lambda t: t.strip()) | st.sampled_from(
    ["200", "0.5", "48h", "14d", '"a b"', "'x'", "(", ")", "and", "or"]
)
operands = (
    places
    | words
    | st.builds("{}({})".format, st.sampled_from(["len", "has", "age", "LEN"]), places)
    | st.builds(
        "{}({})".format,
        st.sampled_from(["pat", "any", "re"]),
        words | st.sampled_from(["*a?[b-z]*", "^a+$", "a, b"]),
    )
)
comparisons = st.builds(
    "{} {} {}".format,
    operands,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "=", "=="]),
    operands,
)
conditions = (
    comparisons
    | st.builds("{} {} {}".format, comparisons, st.sampled_from(["and", "or"]), comparisons)
    | st.builds("({} or {}) and {}".format, comparisons, comparisons, comparisons)
    | st.text(max_size=30)
)


def compiled(text: str, compat: Compat) -> Condition | None:
    try:
        return compile_condition(text, compat)
    except Invalid:
        return None


@settings(max_examples=200, deadline=None)
@given(conditions, results)
def test_evaluation_gives_an_outcome_whatever_comes_and_the_same_again(
    text: str, result: ConditionResult
) -> None:
    for compat in COMPATS:
        condition = compiled(text, compat)
        if condition:
            first, again = condition.evaluate(result), condition.evaluate(result)

            assert isinstance(first, Outcome)
            assert first == again
            assert first.condition == text
            first.text.encode("utf-8", "surrogatepass")


@settings(max_examples=150, deadline=None)
@given(conditions)
def test_every_refusal_has_a_column_and_advice_in_both_languages(text: str) -> None:
    try:
        compile_condition(text)
    except Invalid as error:
        [problem] = error.problems

        assert all((problem.what.to("en"), problem.what.to("ko"), problem.todo))
        assert 1 <= problem.what.args["column"] <= len(text) + 1


@settings(max_examples=150, deadline=None)
@given(conditions, results)
def test_a_true_condition_shows_itself(text: str, result: ConditionResult) -> None:
    for compat in COMPATS:
        condition = compiled(text, compat)
        seen = condition.evaluate(result) if condition else None
        if seen and seen.ok:
            assert text == seen.text


@settings(max_examples=150, deadline=None)
@given(comparisons, results)
def test_unequal_is_the_opposite_of_equal(text: str, result: ConditionResult) -> None:
    left, _, right = text.partition(" == ")
    if not right or " == " in right:
        return
    for compat in COMPATS:
        equal, unequal = compiled(text, compat), compiled(f"{left} != {right}", compat)
        if equal and unequal and " and " not in text and " or " not in text and " != " not in text:
            assert equal.evaluate(result).ok is not unequal.evaluate(result).ok


@settings(max_examples=150, deadline=None)
@given(comparisons, comparisons, results)
def test_and_and_or_join_what_their_parts_say(one: str, two: str, result: ConditionResult) -> None:
    parts = [compiled(one, None), compiled(two, None)]
    both, either = compiled(f"{one} and {two}", None), compiled(f"({one}) or ({two})", None)
    if not all(parts) or not both or not either:
        return
    if any(word in f" {one} {two} " for word in (" and ", " or ")):
        return
    oks = [part.evaluate(result).ok for part in parts if part]

    assert all(oks) is both.evaluate(result).ok
    assert any(oks) is either.evaluate(result).ok


# The part of the language that both judge alike: small whole numbers, plain words, whole hours.
numbers = st.integers(1, 999_999)
plain = st.sampled_from(["up", "down", "john.doe", "all well"])
orders = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
equalities = st.sampled_from(["==", "!="])
fields = st.fixed_dictionaries(
    {
        "n": numbers,
        "w": plain,
        "l": st.lists(numbers, max_size=4),
        "o": st.fixed_dictionaries({"w": plain, "t": st.booleans()}),
    }
)
safe = (
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["[STATUS]", "[RESPONSE_TIME]", "[BODY].n", "len([BODY].w)"]),
        orders,
        numbers,
    )
    | st.builds("len([BODY].l) {} {}".format, equalities, st.integers(0, 4))
    | st.builds(
        "{} {} {}".format, st.sampled_from(["[BODY].w", "[BODY].o.w", "[IP]"]), equalities, plain
    )
    | st.builds("{} {} [BODY].o.w".format, plain, equalities)
    | st.builds("[BODY].n {} [BODY].l[0]".format, equalities)
    | st.builds("[BODY].w {} any({}, {})".format, equalities, plain, plain)
    | st.builds(
        "[BODY].w {} pat({})".format,
        equalities,
        st.sampled_from(["*", "u*", "*n", "*o*n*", "d?wn", "[ud]*"]),
    )
    | st.builds(
        "has([BODY].{}) {} {}".format,
        st.sampled_from(["n", "o.t", "x", "l[3]"]),
        equalities,
        st.sampled_from(["true", "false"]),
    )
    | st.builds("[BODY].o.t {} true".format, equalities)
    | st.builds("[BODY].missing {} {}".format, equalities, plain)
    | st.builds(
        "[CERTIFICATE_EXPIRATION] {} {}h".format, st.sampled_from([">", "<"]), st.integers(1, 9999)
    )
)


@settings(max_examples=200, deadline=None)
@given(safe, fields, numbers, st.integers(1, 9999))
def test_both_languages_agree_on_what_is_common(
    text: str, body: dict[str, Any], number: int, hours: int
) -> None:
    result = ConditionResult(
        status=number,
        ip="up",
        duration_ms=number,
        certificate_expiration_ms=hours * 3_600_000,
        body=json.dumps(body).encode(),
    )

    ours, theirs = (compile_condition(text, compat).evaluate(result) for compat in COMPATS)

    assert theirs == ours

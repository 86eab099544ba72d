"""The pages on the design check tell every rule, in both languages, with what it says."""

import pytest

from tests.infra.check.page import HEADS, abouts, page, with_table


@pytest.mark.parametrize("language", HEADS)
def test_the_page_tells_every_rule_as_it_is(language):
    """If this fails: python -m tests.infra.check.page"""
    text = page(language).read_text(encoding="utf-8")

    assert text == with_table(text, language)


def test_no_two_rules_have_the_same_id():
    """Whoever accepts one of them would live with the other unseen."""
    ids = [about.id for about in abouts()]

    assert sorted(set(ids)) == ids

"""Comments: who may what, whom a text names, and what is heard of it."""

from datetime import timedelta

import pytest

from bongsu.accounts.model import Actor
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.notes import mentions, service, store
from bongsu.notes.model import TEXT_BYTES, UNDO
from tests.notes.support import KEY, desk
from tests.people import person


async def test_a_comment_is_kept_and_heard_of(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "  Look at *this*.\r\nNow. ")

        assert (saved.note.text, saved.note.author_id) == (
            "Look at *this*.\nNow.",
            at.people["Bob"].id,
        )
        assert (saved.note.subject, saved.note.actor) == (KEY, at.people["Bob"].ref)
        assert at.heard == ["commented"]
        assert (at.told.id, at.told.text) == (saved.note.id, saved.note.text)
        assert await at.note("Dan", saved.note.id) == saved.note


async def test_who_may_only_look_and_strangers_write_nothing(db, tmp_path):
    async with desk(db, tmp_path) as at:
        with pytest.raises(NotAllowed):
            await at.comment("Dan", "hello")
        with pytest.raises(NotFound):
            await at.comment("Eve", "hello")
        for key in (
            "thing/9",
            "thong/7",
            "thing/7/8",
            "thing/x",
            "Thing/7",
            "",
            "thing/" + "9" * 30,
        ):
            with pytest.raises(NotFound):
                await at.comment("Bob", "hello", key)

        assert at.heard == []


async def test_a_stranger_is_told_of_no_comment(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "secret")
        with pytest.raises(NotFound):
            await at.note("Eve", saved.note.id)
        with pytest.raises(NotFound):
            await at.note("Bob", saved.note.id + 1)


@pytest.mark.parametrize(
    "text", ["", "   \n", "x" * (TEXT_BYTES + 1), "가" * (TEXT_BYTES // 3 + 1)]
)
async def test_no_words_and_too_many_are_refused(db, tmp_path, text):
    async with desk(db, tmp_path) as at:
        with pytest.raises(Invalid) as refused:
            await at.comment("Bob", text)

        assert refused.value.problems[0].where == "text"
        assert at.heard == []


async def test_one_changes_ones_own_words_and_nobody_elses(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "first")
        at.clock.advance(60)
        changed = await at.write(service.edit, "Bob", saved.note.id, "second")

        assert changed.note.text == "second"
        assert changed.note.edited_at == at.clock.now()
        assert at.heard == ["commented", "comment_edited"]
        assert (at.told.before, at.told.text) == ("first", "second")
        for who, refusal in (
            ("Alice", NotAllowed),
            ("Carol", NotAllowed),
            ("Dan", NotAllowed),
            ("Eve", NotFound),
        ):
            with pytest.raises(refusal):
                await at.write(service.edit, who, saved.note.id, "third")
        assert (await at.note("Bob", saved.note.id)).text == "second"


async def test_saving_the_same_words_again_changes_nothing(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "first")
        again = await at.write(service.edit, "Bob", saved.note.id, "first  ")

        assert again.note.edited_at is None
        assert at.heard == ["commented"]


async def test_of_two_changes_of_the_same_words_the_second_is_told_so(db, tmp_path):
    async with desk(db, tmp_path) as at:
        before = (await at.comment("Bob", "first")).note
        await at.write(service.edit, "Bob", before.id, "second")
        async with at.db.write() as tx:
            late = await store.edit(tx, before, "third", (), at.clock.now())

        assert not late
        assert (await at.note("Bob", before.id)).text == "second"


async def test_a_change_of_what_was_removed_meanwhile_is_a_conflict(db, tmp_path, monkeypatch):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "first")

        async def nobody(*_args):
            return False

        monkeypatch.setattr(store, "edit", nobody)
        with pytest.raises(Conflict):
            await at.write(service.edit, "Bob", saved.note.id, "second")


async def test_ones_own_comment_is_removed_and_brought_back(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "oops")
        await at.write(service.remove, "Bob", saved.note.id)
        removed = await at.note("Dan", saved.note.id)
        with pytest.raises(NotFound):
            await at.write(service.edit, "Bob", saved.note.id, "x")
        with pytest.raises(NotFound):
            await at.write(service.remove, "Bob", saved.note.id)
        with pytest.raises(NotAllowed):
            await at.write(service.restore, "Alice", saved.note.id)
        at.clock.advance(UNDO.total_seconds() - 1)
        note, _ = await at.write(service.restore, "Bob", saved.note.id)

        assert removed.removed
        assert (note.removed, note.text) == (False, "oops")
        assert at.heard == ["commented", "comment_deleted", "commented"]


async def test_who_manages_the_thing_may_remove_a_comment_and_others_may_not(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "rude")
        for who, refusal in (("Carol", NotAllowed), ("Dan", NotAllowed), ("Eve", NotFound)):
            with pytest.raises(refusal):
                await at.write(service.remove, who, saved.note.id)
        await at.write(service.remove, "Alice", saved.note.id)

        assert (await at.note("Bob", saved.note.id)).removed_by == at.people["Alice"].ref
        assert at.told.before == "rude"


async def test_after_five_minutes_what_was_removed_is_gone(db, tmp_path):
    async with desk(db, tmp_path) as at:
        kept = await at.comment("Bob", "kept")
        gone = await at.comment("Bob", "gone, @carol@example.com")
        await at.write(service.remove, "Bob", gone.note.id)
        at.clock.advance(UNDO.total_seconds() + 1)
        with pytest.raises(NotFound):
            await at.write(service.restore, "Bob", gone.note.id)
        async with at.db.write() as tx:
            assert await store.wipe(tx, at.clock.now() - UNDO) == 1
            assert await store.wipe(tx, at.clock.now() - UNDO) == 0

        shown = await at.note("Bob", gone.note.id)
        assert (shown.text, shown.mentions) == ("", ())
        assert (await at.note("Bob", kept.note.id)).text == "kept"


# --- whom a text names


async def test_people_who_may_read_it_are_mentioned_by_name_and_by_address(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "@Alice and @carol@example.com, and @dan: look. `@Bob`")

        ids = {at.people[name].id for name in ("Alice", "Carol", "Dan")}
        assert {*saved.note.mentions} == ids
        assert {*at.told.mentions} == ids
        assert saved.not_told == ()


async def test_who_may_not_read_it_does_not_count_and_the_author_is_told(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "@Eve @Eve @eve@example.com @nobody @media")

        assert saved.note.mentions == ()
        assert [one.to("ko") for one in saved.not_told] == [
            "Eve 님은 이것을 볼 수 없어 알리지 않습니다."
        ]


async def test_the_longest_name_is_meant(db, tmp_path):
    async with desk(db, tmp_path) as at:
        jane = await person(at.db, "Alice Jane", "viewer", email="jane@example.com")
        at.gate.readers.add(jane.id)
        saved = await at.comment("Bob", "@Alice Jane!")

        assert saved.note.mentions == (jane.id,)


async def test_of_two_with_the_same_name_none_is_guessed(db, tmp_path):
    async with desk(db, tmp_path) as at:
        second = await person(at.db, "Carol", "viewer", email="carol2@example.com")
        at.gate.readers.add(second.id)
        unclear = await at.comment("Bob", "@Carol")
        clear = await at.comment("Bob", "@carol2@example.com")

        assert unclear.note.mentions == ()
        assert "Several people are called Carol" in str(unclear.not_told[0])
        assert clear.note.mentions == (second.id,)


async def test_people_whose_account_is_disabled_are_not_mentioned(db, tmp_path):
    from bongsu.accounts import store as accounts

    async with desk(db, tmp_path) as at:
        async with at.db.write() as tx:
            await accounts.update_user(tx, at.people["Carol"].id, disabled_at=at.clock.now())
        saved = await at.comment("Bob", "@Carol @carol@example.com")

        assert saved.note.mentions == ()


async def test_an_edit_tells_only_those_who_are_new(db, tmp_path):
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "@Alice")
        await at.write(service.edit, "Bob", saved.note.id, "@Alice @Carol")

        assert at.told.mentions == (at.people["Carol"].id,)
        note = await at.note("Bob", saved.note.id)
        assert {*note.mentions} == {at.people["Alice"].id, at.people["Carol"].id}


async def test_names_are_suggested_to_those_who_write_concerned_people_first(db, tmp_path):
    async with desk(db, tmp_path) as at:
        at.gate.concerned = (at.people["Carol"].id,)
        second = await person(at.db, "Dan", "viewer", email="dan2@example.com")
        at.gate.readers.add(second.id)
        async with at.db.read() as tx:
            subject = await at.gate.read(tx, at.people["Bob"], 7)
            every = await mentions.suggest(tx, at.gate, subject, "")
            some = await mentions.suggest(tx, at.gate, subject, "DAN")
            odd = await mentions.suggest(tx, at.gate, subject, "%_\\")

        assert [one.text for one in every] == [
            "Carol",
            "Alice",
            "Bob",
            "dan@example.com",
            "dan2@example.com",
        ]
        assert [one.text for one in some] == ["dan@example.com", "dan2@example.com"]
        assert odd == []


# --- for other rooms


async def test_comments_and_attachments_are_counted_for_cards(db, tmp_path):
    async with desk(db, tmp_path) as at:
        first = await at.comment("Bob", "one")
        await at.comment("Bob", "two")
        await at.attach("Bob", ("a.txt", b"a"), ("b.txt", b"b"), text="three")
        await at.write(service.remove, "Bob", first.note.id)
        async with at.db.read() as tx:
            assert await store.counts(tx, [KEY, "thing/8"]) == {KEY: (2, 2)}
            assert await store.counts(tx, []) == {}


async def test_a_person_gets_all_they_wrote_and_what_they_wrote_outlives_them(db, tmp_path):
    async with desk(db, tmp_path) as at:
        await at.comment("Bob", "mine")
        removed = await at.comment("Bob", "removed")
        await at.comment("Carol", "hers")
        await at.attach("Bob", ("a.txt", b"abc"))
        await at.write(service.remove, "Bob", removed.note.id)
        async with at.db.read() as tx:
            given = await service.export(tx, at.people["Bob"].id)
        async with at.db.write() as tx:
            await service.forget_author(tx, at.people["Bob"].id)
        async with at.db.read() as tx:
            nothing = await service.export(tx, at.people["Bob"].id)
            left = await store.listed(tx, KEY)

        assert [(one["on"], one["text"]) for one in given["comments"]] == [(KEY, "mine")]
        assert [(one["name"], one["size_bytes"]) for one in given["attachments"]] == [("a.txt", 3)]
        assert nothing == {"comments": [], "attachments": []}
        assert [one.author_id for one in left] == [None, None, at.people["Carol"].id]


async def test_who_left_owns_nothing_any_more(db, tmp_path):
    """Not even the program, whose number is none."""
    async with desk(db, tmp_path) as at:
        saved = await at.comment("Bob", "mine")
        async with at.db.write() as tx:
            await service.forget_author(tx, at.people["Bob"].id)
        at.gate.members.add(0)
        at.people["nobody"] = Actor("system", 0, "system", "", "admin")
        with pytest.raises(NotAllowed):
            await at.write(service.edit, "nobody", saved.note.id, "x")


async def test_what_hangs_on_a_thing_goes_with_it(db, tmp_path):
    async with desk(db, tmp_path) as at:
        await at.comment("Bob", "one")
        await at.comment("Bob", "two", "thing/8")
        await at.attach("Bob", ("a.txt", b"abc"))
        async with at.db.write() as tx:
            await service.forget_subject(tx, KEY, at.people["Alice"], at.clock)
        async with at.db.read() as tx:
            assert await store.counts(tx, [KEY, "thing/8"]) == {"thing/8": (1, 0)}


async def test_long_talks_come_in_pages(db, tmp_path):
    async with desk(db, tmp_path) as at:
        for number in range(7):
            await at.comment("Bob", str(number))
        async with at.db.read() as tx:
            first = await store.listed(tx, KEY, limit=3)
            second = await store.listed(tx, KEY, after_id=first[-1].id, limit=3)
            last = await store.listed(tx, KEY, before_id=2**60, limit=3)

            assert [one.text for one in first + second] == ["0", "1", "2", "3", "4", "5"]
            assert [one.text for one in last] == ["4", "5", "6"]
            assert await store.count(tx, KEY) == 7


def test_what_is_removed_can_be_brought_back_for_minutes():
    assert timedelta(seconds=10) < UNDO < timedelta(minutes=15)

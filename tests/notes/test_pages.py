"""Pages, files and the API over the wire: what is shown, what is served how, and to whom."""

import contextlib
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from bongsu.accounts.model import Actor
from bongsu.incidents import store as incidents
from bongsu.incidents.gate import GATE
from bongsu.kit.i18n import say
from bongsu.limits import UPLOAD_LIMIT_BYTES, BodyLimit
from bongsu.notes import api, file_pages, pages
from bongsu.notes.model import FILE_BYTES
from bongsu.notes.worker import Worker
from bongsu.objects.outbox import Outbox
from tests.notes import pictures as files
from tests.notes.support import Store
from tests.people import (
    CLOCK,
    alice_admin,
    app_with,
    bob_responder,
    charlie_viewer,
    client_of,
    person,
    visitor,
)

PNG = files.picture("PNG", 640, 480)
PART = "/-/notes/incident/1"
HTMX = {"hx-request": "true"}


class Wire:
    """Alice (admin), Bob and Kim (responders) and Charlie (viewer) around one incident."""

    def __init__(self, db: Any, app: Any, objects: Outbox, people: dict[str, Actor]) -> None:
        self.db, self.app, self.objects, self.people = db, app, objects, people

    @contextlib.asynccontextmanager
    async def of(self, who: str) -> AsyncIterator[httpx2.AsyncClient]:
        async with await client_of(self.app, self.people[who]) as client:
            yield client

    async def attach(self, who: str, *sent: tuple[str, bytes], text: str = "") -> httpx2.Response:
        async with self.of(who) as client:
            parts = [("file", one) for one in sent]
            return await client.post(
                "/api/v1/attachments?subject=incident/1", files=parts, data={"text": text}
            )

    async def make(self) -> None:
        worker = Worker(self.db, self.objects, CLOCK)
        while await worker.step():
            pass
        await worker.pool.close()


@contextlib.asynccontextmanager
async def wire(db: Any, folder: Path) -> AsyncIterator[Wire]:
    async with db() as database:
        objects = Outbox(folder / "outbox", Store(folder / "store"))
        app = app_with(database, pages.router, file_pages.router, api.router, objects=objects)
        app.add_middleware(BodyLimit)
        app.state.gates = {"incident": GATE}
        people = {
            "Alice": await alice_admin(database),
            "Bob": await bob_responder(database),
            "Charlie": await charlie_viewer(database),
            "Kim": await person(database, "Kim Minsu", "responder"),
        }
        now = CLOCK.now()
        async with database.write() as tx:
            values = {
                "title": say("Shop is down").stored(), "severity": 4, "state": "open", "dedup_key": "x",
                "rule": "r", "audience": [], "opened_at": now, "changed_at": now, "correlation": "c",
            }  # fmt: skip
            await incidents.insert(tx, values)
        yield Wire(database, app, objects, people)


async def comment(client: httpx2.AsyncClient, text: str) -> Any:
    answer = await client.post("/api/v1/notes?subject=incident/1", json={"text": text})
    assert answer.status_code == 201, answer.text
    return answer.json()


# --- the API


async def test_the_api_writes_reads_changes_and_removes_comments(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob, at.of("Charlie") as charlie:
        made = await comment(bob, "Look, @Kim Minsu and @charlie@example.com")
        changed = await bob.patch(f"/api/v1/notes/{made['id']}", json={"text": "Never mind"})
        listed = await charlie.get("/api/v1/notes?subject=incident/1")
        refused = [
            await charlie.post("/api/v1/notes?subject=incident/1", json={"text": "x"}),
            await charlie.patch(f"/api/v1/notes/{made['id']}", json={"text": "x"}),
            await charlie.delete(f"/api/v1/notes/{made['id']}"),
        ]
        gone = await bob.delete(f"/api/v1/notes/{made['id']}")
        after = await charlie.get("/api/v1/notes?subject=incident/1")

        assert {*made["mentions"]} == {at.people["Kim"].id, at.people["Charlie"].id}
        assert made["author"] == {"id": at.people["Bob"].id, "name": "Bob"}
        assert (made["not_told"], made["edited_at"], made["removed"]) == ([], None, False)
        assert changed.json()["edited_at"] is not None
        assert [one["text"] for one in listed.json()["notes"]] == ["Never mind"]
        assert [one.status_code for one in refused] == [403, 403, 403]
        assert (gone.status_code, gone.content) == (204, b"")
        assert [(one["text"], one["removed"]) for one in after.json()["notes"]] == [("", True)]


async def test_lists_of_comments_come_in_pages(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        for number in range(5):
            await comment(bob, str(number))
        first = (await bob.get("/api/v1/notes?subject=incident/1&limit=3")).json()
        rest = (
            await bob.get(f"/api/v1/notes?subject=incident/1&limit=3&after={first['next']}")
        ).json()

        assert [one["text"] for one in first["notes"] + rest["notes"]] == ["0", "1", "2", "3", "4"]
        assert rest["next"] is None


@pytest.mark.parametrize(
    "subject", ["incident/99", "task/1", "incident", "incident/1/2", "../1", ""]
)
async def test_what_is_not_there_has_no_notes(db, tmp_path, subject):
    async with wire(db, tmp_path) as at, at.of("Alice") as alice:
        for path in ("notes", "attachments"):
            answer = await alice.get(f"/api/v1/{path}", params={"subject": subject})
            assert answer.status_code == 404, path


async def test_an_attachment_says_what_it_is_and_what_its_name_says(db, tmp_path):
    async with wire(db, tmp_path) as at:
        answer = await at.attach(
            "Bob", ("cat.png", PNG), ("page.png", files.HTML), text="two files"
        )
        waiting = answer.json()["attachments"][0]
        await at.make()
        async with at.of("Charlie") as charlie:
            cat, page = (await charlie.get("/api/v1/attachments?subject=incident/1")).json()[
                "attachments"
            ]
            one = (await charlie.get(f"/api/v1/attachments/{cat['id']}")).json()

        assert answer.status_code == 201
        assert answer.json()["note"]["text"] == "two files"
        assert (waiting["picture"], waiting["thumb_url"]) == ("waiting", None)
        assert (cat["picture"], cat["width"], cat["height"], cat["media_type"]) == (
            "made",
            640,
            480,
            "image/png",
        )
        assert (page["kind"], page["name_says"], page["picture"]) == (
            "HTML page",
            "PNG picture",
            "none",
        )
        assert page["media_type"] == "application/octet-stream"
        assert one == cat
        assert cat["thumb_url"].endswith(f"/attachments/{cat['id']}/thumb")


async def test_a_file_can_be_read_at_once_even_when_the_object_store_is_away(db, tmp_path):
    async with wire(db, tmp_path) as at:
        at.objects._store.closed = True
        sent = (await at.attach("Bob", ("data.bin", bytes(1000)))).json()["attachments"][0]
        async with at.of("Charlie") as charlie:
            got = await charlie.get(sent["url"])

        assert (got.status_code, got.content) == (200, bytes(1000))


# --- files


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("drawing.svg", files.SVG), ("page.html", files.HTML), ("cat.png", files.HTML), ("cat.png", files.SVG),
        ("bomb.zip", files.zip_bomb()), ("a.txt", b"text"), ("a.pdf", b"%PDF-1.7\n"), ("a", b"\0"),
        ("x.js", b"alert(1)"), ("x.css", b"a{}"),
    ],
)  # fmt: skip
async def test_what_is_no_picture_is_only_ever_downloaded(db, tmp_path, name, data):
    async with wire(db, tmp_path) as at:
        sent = (await at.attach("Bob", (name, data))).json()["attachments"][0]
        async with at.of("Charlie") as charlie:
            got = await charlie.get(sent["url"], headers={"accept-encoding": "identity"})

        assert got.content == data
        assert got.headers["content-type"] == "application/octet-stream"
        assert got.headers["content-disposition"].startswith("attachment; ")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_a_picture_is_shown_with_its_own_type_whatever_it_is_called(db, tmp_path):
    async with wire(db, tmp_path) as at:
        sent = (await at.attach("Bob", ("cat.html", files.picture("JPEG")))).json()["attachments"][
            0
        ]
        async with at.of("Bob") as bob:
            shown = await bob.get(sent["url"])
            saved = await bob.get(f"{sent['url']}?download")

        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["content-disposition"].startswith("inline; ")
        assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert saved.headers["content-disposition"].startswith("attachment; ")


async def test_others_get_the_picture_without_what_the_camera_wrote(db, tmp_path):
    async with wire(db, tmp_path) as at:
        data = files.picture("JPEG", 3000, 2000, exif=files.exif(6).tobytes())
        sent = (await at.attach("Bob", ("cat.jpg", data))).json()["attachments"][0]
        base = f"/attachments/{sent['id']}"
        async with at.of("Charlie") as charlie, at.of("Kim") as kim, at.of("Bob") as bob:
            early = await charlie.get(f"{base}/thumb")
            await at.make()
            thumb, view = await charlie.get(f"{base}/thumb"), await charlie.get(f"{base}/view")
            refused = [await one.get(f"{sent['url']}{end}") for one in (charlie, kim)
                       for end in ("", "?download")]  # fmt: skip
            page = (await kim.get(PART, headers=HTMX)).text
            saved = await kim.get(f"{base}/view?download")
            original = await bob.get(sent["url"])

        assert early.status_code == 404
        assert [one.headers["content-type"] for one in (thumb, view)] == ["image/webp"] * 2
        assert Image.open(io.BytesIO(thumb.content)).size == (213, 320)
        assert Image.open(io.BytesIO(view.content)).size == (1365, 2048)
        assert files.SECRET not in thumb.content + view.content
        assert {one.status_code for one in refused} == {403}
        assert f'href="{base}/view?download"' in page
        assert sent["url"] not in page
        assert saved.content == view.content
        assert saved.headers["content-disposition"].startswith('attachment; filename="cat.webp"')
        assert original.content == data


async def test_a_file_that_is_known_is_not_sent_again_but_asked_for_again(db, tmp_path):
    async with wire(db, tmp_path) as at:
        sent = (await at.attach("Bob", ("a.txt", b"text"))).json()["attachments"][0]
        async with at.of("Bob") as bob:
            first = await bob.get(sent["url"])
            again = await bob.get(sent["url"], headers={"if-none-match": first.headers["etag"]})
            await bob.delete(f"/api/v1/attachments/{sent['id']}")
            gone = await bob.get(sent["url"], headers={"if-none-match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert "private" in again.headers["cache-control"]
        assert gone.status_code == 404


async def test_nobody_gets_a_file_without_signing_in(db, tmp_path):
    async with wire(db, tmp_path) as at:
        sent = (await at.attach("Bob", ("cat.png", PNG))).json()["attachments"][0]
        await at.make()
        async with visitor(at.app) as nobody:
            answers = [
                await nobody.get(path, headers={"accept": "image/*"})
                for path in (
                    sent["url"],
                    f"/attachments/{sent['id']}/thumb",
                    f"/attachments/{sent['id']}/view",
                )
            ]

        assert [one.status_code for one in answers] == [401] * 3


@pytest.mark.parametrize(
    "name",
    ["thumb", "view", "한글 이름.txt", 'a"b;c.txt', "..", "%2f.txt", "x\r\nset-cookie: a=b.txt"],
)
async def test_a_name_is_kept_and_harms_no_header_and_no_address(db, tmp_path, name):
    async with wire(db, tmp_path) as at:
        boundary = "x0x"
        quoted = name.replace('"', "%22").replace("\r\n", "%0D%0A")
        body = (
            f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
        ).encode() + b"data\r\n--x0x--\r\n"
        async with at.of("Bob") as bob:
            kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
            sent = await bob.post(
                "/api/v1/attachments?subject=incident/1", content=body, headers=kind
            )
            one = sent.json()["attachments"][0]
            got = await bob.get(one["url"])

        assert (got.status_code, got.content) == (200, b"data")
        assert "set-cookie" not in got.headers
        assert "\n" not in one["name"]


# --- what is too large


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "large.bin is 25.0 MiB; the most is 25 MiB a file. Nothing was attached."),
        (
            "ko",
            "large.bin: 25.0MiB입니다. 파일 하나는 25MiB까지입니다. 아무것도 붙이지 않았습니다.",
        ),
    ],
)
async def test_a_file_that_is_too_large_is_refused_in_words(
    sqlite_only, tmp_path, language, sentence
):
    async with wire(sqlite_only, tmp_path) as at, at.of("Bob") as bob:
        large = [("file", ("large.bin", bytes(FILE_BYTES + 1)))]
        spoken = {"accept-language": language, "accept": "application/json"}
        by_api = await bob.post(
            "/api/v1/attachments?subject=incident/1", files=large, headers=spoken
        )
        spoken["accept"] = "text/html"
        by_page = await bob.post(
            PART, files=large, data={"text": "kept words"}, headers=spoken | HTMX
        )
        listed = await bob.get("/api/v1/attachments?subject=incident/1")

    assert (by_api.status_code, by_page.status_code) == (413, 413)
    assert by_api.json()["error"]["message"] == sentence
    assert sentence in by_page.text
    assert "kept words" in by_page.text
    assert listed.json()["attachments"] == []


@pytest.mark.parametrize("path", ["/api/v1/attachments?subject=incident/1", PART])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_body_that_is_too_large_altogether_is_refused_in_words(
    sqlite_only, tmp_path, path, language
):
    async def pieces():
        for _ in range(104):
            yield bytes(1 << 20)

    async with wire(sqlite_only, tmp_path) as at, at.of("Bob") as bob:
        kind = {"content-type": "multipart/form-data; boundary=x", "accept-language": language}
        announced = await bob.post(
            path, content=pieces(), headers=kind | {"content-length": str(104 << 20)}
        )

    assert announced.status_code == 413
    assert {"en": "larger than 101 MiB", "ko": "101MiB보다"}[language] in announced.text


async def test_only_addresses_for_files_take_more_than_a_page_does(sqlite_only, tmp_path):
    async with wire(sqlite_only, tmp_path) as at, at.of("Bob") as bob:
        data = [("file", ("a.bin", bytes(5 << 20)))]
        fits = await bob.post("/api/v1/attachments?subject=incident/1", files=data)
        elsewhere = await bob.post("/-/note/1/edit", files=data)

    assert (fits.status_code, elsewhere.status_code) == (201, 413)
    assert 4 * FILE_BYTES < UPLOAD_LIMIT_BYTES


async def test_strangers_are_refused_before_their_files_are_read(sqlite_only, tmp_path):
    read = []

    async def pieces():
        for _ in range(50):
            read.append(1)
            yield bytes(1 << 20)

    async with wire(sqlite_only, tmp_path) as at, at.of("Charlie") as charlie:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        answers = [
            await charlie.post(path, content=pieces(), headers=kind)
            for path in ("/api/v1/attachments?subject=incident/1", PART)
        ]

    assert [one.status_code for one in answers] == [403, 403]
    assert len(read) <= 4


async def test_what_is_no_form_is_refused_in_words(sqlite_only, tmp_path):
    async with wire(sqlite_only, tmp_path) as at, at.of("Bob") as bob:
        url = "/api/v1/attachments?subject=incident/1"
        answers = [
            await bob.post(url, content=b"x", headers={"content-type": kind})
            for kind in ("multipart/form-data", "multipart/form-data; boundary=y", "text/plain")
        ]
        many = await bob.post(url, files=[("file", (f"{n}.txt", b"x")) for n in range(21)])

    assert {one.status_code for one in answers} <= {400, 422}
    assert many.status_code == 413
    assert "21" in many.json()["error"]["message"]


# --- the part of a page


async def test_the_part_shows_comments_with_mentions_and_files(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        await comment(bob, "**See** INC-1, @Kim Minsu <script>alert(1)</script>")
        await at.attach("Bob", ("cat.png", PNG), ("half.png", PNG[:60]), ("page.png", files.HTML))
        before = (await bob.get(PART, headers=HTMX)).text
        await at.make()
        after = (await bob.get(PART, headers=HTMX)).text

        assert "<strong>See</strong>" in before
        assert (
            f'<a href="/people#user-{at.people["Kim"].id}" class="mention">@Kim Minsu</a>' in before
        )
        assert "<script>" not in before
        assert before.count("A small picture is being made.") == 2
        assert 'data-live="incident/1"' in before
        assert re.search(
            r'<img src="/attachments/\d+/thumb" width="320" height="240" alt="cat.png"', after
        )
        assert "No small picture: The picture is cut off or damaged." in after
        assert "Its name says PNG picture; by its content it is: HTML page." in after


async def test_a_comment_is_written_by_the_form_with_and_without_script(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        token = bob.headers.pop("x-csrf-token")
        plain = await bob.post(PART, data={"csrf": token, "text": "by hand"})
        files_too = await bob.post(
            PART,
            data={"csrf": token, "text": "with a file"},
            files=[("file", ("a.txt", b"a")), ("file", ("", b""))],
        )
        by_script = await bob.post(PART, data={"csrf": token, "text": "by script"}, headers=HTMX)
        page = await bob.get(plain.headers["location"])

        assert (plain.status_code, plain.headers["location"]) == (303, PART)
        assert files_too.status_code == 303
        assert by_script.status_code == 200
        assert 'id="notes"' in by_script.text
        assert "<!doctype html>" in page.text
        assert [word in page.text for word in ("by hand", "with a file", "a.txt", "by script")] == [
            True
        ] * 4


async def test_an_empty_comment_is_refused_and_nothing_typed_is_lost(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        empty = await bob.post(PART, data={"text": "  "}, headers=HTMX)
        long = await bob.post(PART, data={"text": "x" * 70_000}, headers=HTMX)

        assert (empty.status_code, long.status_code) == (422, 422)
        assert "The comment is empty." in empty.text
        assert "69 KiB; the most is 64" in long.text
        assert "x" * 70_000 in long.text


async def test_the_author_is_told_who_is_not(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        await person(at.db, "Kim Minsu", "viewer", email="other@example.com")
        shown = await bob.post(PART, data={"text": "@Kim Minsu"}, headers=HTMX)

        assert "Several people are called Kim Minsu" in shown.text


async def test_what_is_removed_can_be_brought_back_from_the_page(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        made = await comment(bob, "oops")
        sent = (await at.attach("Bob", ("a.txt", b"a"))).json()["attachments"][0]
        note = await bob.post(f"/-/note/{made['id']}/delete", headers=HTMX)
        file = await bob.post(f"/-/attachment/{sent['id']}/delete", headers=HTMX)
        undo = [json.loads(one.headers["hx-trigger"])["toast"]["post"] for one in (note, file)]
        for path in undo:
            assert (await bob.post(path, headers=HTMX)).status_code == 200
        by_hand = await bob.post(f"/-/note/{made['id']}/delete")
        page = (await bob.get(PART, headers=HTMX)).text

        assert "A comment by Bob was removed." in note.text
        assert "a.txt" not in file.text
        assert (by_hand.status_code, by_hand.headers["location"]) == (303, PART)
        assert "a.txt" in page


async def test_only_what_one_may_do_has_a_button(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        await comment(bob, "mine")
        await at.attach("Bob", ("cat.png", PNG), ("a.txt", b"a"))
        shown = {}
        for who in ("Alice", "Bob", "Kim", "Charlie"):
            async with at.of(who) as client:
                shown[who] = (await client.get(PART, headers=HTMX)).text

        assert {who: "/edit" in text for who, text in shown.items()} == {
            "Alice": False, "Bob": True, "Kim": False, "Charlie": False,
        }  # fmt: skip
        assert {who: text.count("/delete\"") > 0 for who, text in shown.items()} == {
            "Alice": True, "Bob": True, "Kim": False, "Charlie": False,
        }  # fmt: skip
        assert {who: "<note-form" in text for who, text in shown.items()}["Charlie"] is False
        assert "cat.png?download" not in shown["Charlie"]
        assert "a.txt?download" in shown["Charlie"]


async def test_long_talks_show_the_newest_and_the_rest_on_demand(db, tmp_path, monkeypatch):
    monkeypatch.setattr(pages.page_view, "SHOWN", 3)
    async with wire(db, tmp_path) as at, at.of("Bob") as bob:
        for number in range(5):
            await comment(bob, f"comment {number}")
        some = (await bob.get(PART, headers=HTMX)).text
        every = (await bob.get(f"{PART}?all", headers=HTMX)).text

        assert ["comment 1" in some, "comment 2" in some, "2 earlier comments" in some] == [
            False,
            True,
            True,
        ]
        assert ["comment 0" in every, "earlier comment" in every] == [True, False]
        assert f'data-src="{PART}?all"' in every


async def test_people_are_suggested_to_those_who_write(db, tmp_path):
    async with wire(db, tmp_path) as at, at.of("Bob") as bob, at.of("Charlie") as charlie:
        found = (await bob.get(f"{PART}/people?q=kim")).json()
        refused = await charlie.get(f"{PART}/people?q=kim")

        assert found == [
            {"name": "Kim Minsu", "email": "kim minsu@example.com", "text": "Kim Minsu"}
        ]
        assert refused.status_code == 403


async def test_the_words_of_who_left_stay_without_their_name(db, tmp_path):
    from bongsu.notes import service

    async with wire(db, tmp_path) as at, at.of("Bob") as bob, at.of("Alice") as alice:
        await comment(bob, "I was here")
        async with at.db.write() as tx:
            await service.forget_author(tx, at.people["Bob"].id)
        page = (await alice.get(PART, headers=HTMX)).text
        korean = (await alice.get(PART, headers=HTMX | {"accept-language": "ko"})).text
        listed = (await alice.get("/api/v1/notes?subject=incident/1")).json()["notes"]

        assert "Deleted person" in page
        assert "삭제된 사람" in korean
        assert listed[0]["author"] == {"id": None, "name": "Deleted person"}

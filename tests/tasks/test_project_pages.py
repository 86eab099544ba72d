"""New projects, their settings, and files taken in: what the forms do and what they refuse."""

import re
from html import unescape

import pytest

from bongsu.tasks import projects, service
from tests.tasks.support import house_of
from tests.tasks.test_list_pages import get, post, toast_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SETTINGS = "/projects/TSK/settings"
CSV = "title,column,labels,due\nPin it,Waiting,tls,2026-12-01\nWrite it,done,tls;new,\n"


async def _project(house, key="TSK"):
    async with house.world.db.read() as tx:
        return (await projects.get(tx, house.world.root, key)).project


# --- a new one


async def test_a_project_is_made_with_a_key_from_its_title(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("sam") as client:
            page = await get(client, "/projects/new")
            answer = await post(
                client, "/projects/new", title="Shop front", key="", everyone="viewer"
            )

        assert 'name="everyone"' in page
        assert "/projects/SHOP" == answer.headers["location"]
        assert "Shop front is made" in toast_of(answer)["text"]
        assert "viewer" == (await _project(house, "SHOP")).everyone


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"title": "", "key": "ABC"}, 422, "Write at least one character."),
        ({"title": "x", "key": "1"}, 422, "Use 2 to 10 of A–Z"),
        ({"title": "x", "key": "tsk"}, 409, "Another project has it."),
        ({"title": "x", "everyone": "all"}, 422, "none of the values"),
    ],
)
async def test_what_is_wrong_with_a_new_project_stands_at_its_field(db, form, status, said):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("sam") as client:
            answer = await post(client, "/projects/new", status, **form)

        assert said in answer.text
        assert f'value="{form["title"]}"' in answer.text


# --- settings


async def test_who_does_not_manage_reads_the_settings_and_whom_to_ask(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            page = await get(client, SETTINGS)

        assert "Only managers change these settings: Ada." in page.text
        assert [f"/projects/TSK/members/{house.world.ben.id}/remove"] == page.all(
            r'<form[^>]* action="(/projects[^"]+)"'
        )
        assert "ben@example.com" in page.text


async def test_a_manager_changes_what_a_project_is_called_and_puts_it_away(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ada") as client:
            page = await get(client, SETTINGS)
            form = {"title": "The shop", "description": "d", "everyone": "viewer"}
            await post(client, SETTINGS, **form)
            await post(client, "/projects/TSK/archive", archived="on")
            archived = await get(client, SETTINGS)
            await post(client, "/projects/TSK/archive", archived="")
            wrong = await post(client, SETTINGS, 422, title=" ", everyone="none")

        one = await _project(house)
        assert "sam@example.com" in page
        assert ("The shop", "d", "viewer", None) == (
            one.title,
            one.description,
            one.everyone,
            one.archived_at,
        )
        assert "This project is archived" in archived.text
        assert "Write at least one character." in wrong.text


async def test_members_are_added_by_name_or_mail_and_a_refusal_stands_on_the_page(db):
    async with db() as database:
        house = await house_of(database)
        sam, ada = house.world.sam.id, house.world.ada.id
        async with await house.client("ada") as client:
            answer = await post(
                client, "/projects/TSK/members", person="Sam <sam@example.com>", role="viewer"
            )
            await post(client, f"/projects/TSK/members/{sam}", role="manager")
            nobody = await post(client, "/projects/TSK/members", 422, person="Zoe", role="viewer")
            await post(client, f"/projects/TSK/members/{sam}/remove")
            last = await post(client, f"/projects/TSK/members/{ada}", 409, role="viewer")

        assert "Sam is added." == toast_of(answer)["text"]
        assert f"{SETTINGS}#members" == answer.headers["location"]
        assert "Nobody here is called Zoe" in nobody.text
        assert "would have no manager" in last.text


async def test_who_leaves_is_led_to_their_own_page(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("cho") as client:
            answer = await post(client, f"/projects/TSK/members/{house.world.cho.id}/remove")
            assert "/tasks" == answer.headers["location"]
            await get(client, SETTINGS, 404)


async def test_columns_are_added_renamed_moved_and_deleted_with_the_refusal_said(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one")
        waiting = house.world.project.columns[0].id
        async with await house.client("ada") as client:
            await post(client, "/projects/TSK/columns", name="Review", status="in_progress")
            review = next(c.id for c in (await _project(house)).columns if c.name == "Review")
            await post(client, f"/projects/TSK/columns/{review}", name="QA")
            await post(client, f"/projects/TSK/columns/{review}", position="0")
            again = await post(client, "/projects/TSK/columns", 409, name="QA", status="done")
            only = await post(client, f"/projects/TSK/columns/{waiting}/delete", 409)
            await post(client, "/projects/TSK/columns", name="Later", status="waiting")
            full = await post(client, f"/projects/TSK/columns/{waiting}/delete", 409)
            page = await get(client, SETTINGS)
            await post(client, f"/projects/TSK/columns/{review}/delete")

        assert "has a column QA already" in again.text
        assert "only column of its status" in only.text
        assert "still holds 1 task" in full.text
        assert re.search(r'value="QA".*value="Waiting".*value="Later"', page, re.DOTALL)
        assert ["Waiting", "Later", "In progress", "Done"] == [
            c.name for c in (await _project(house)).columns
        ]


async def test_labels_are_added_renamed_and_deleted(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one", labels=["tls"])
        async with await house.client("ada") as client:
            await post(client, "/projects/TSK/labels", name="shop")
            tls = next(one.id for one in (await _project(house)).labels if one.name == "tls")
            await post(client, f"/projects/TSK/labels/{tls}", name="TLS")
            page = await get(client, SETTINGS)
            again = await post(client, "/projects/TSK/labels", 409, name="shop")
            await post(client, f"/projects/TSK/labels/{tls}/delete")

        assert "/tasks/list?project=TSK&label=TLS" in page.all(r'href="(/tasks/list[^"]+)"')
        assert ("0 tasks" in page.text, "1 task" in page.text) == (True, True)
        assert "has a label shop already" in again.text
        assert ["shop"] == [one.name for one in (await _project(house)).labels]


# --- files


async def test_a_file_is_looked_at_first_and_then_taken_in(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            empty = await get(client, "/projects/TSK/import")
            file = {"file": ("tasks.csv", CSV.encode(), "text/csv")}
            csrf = {"csrf": client.headers["x-csrf-token"], "do": "look"}
            looked = await client.post("/projects/TSK/import", data=csrf, files=file)
            text = re.search(
                r'<textarea name="text" hidden[^>]*>\n(.*?)</textarea>', looked.text, re.DOTALL
            )[1]
            nothing = await get(client, "/tasks/list")
            taken = await post(client, "/projects/TSK/import", text=text, do="take")

        assert 'enctype="multipart/form-data"' in empty
        assert 200 == looked.status_code
        assert "2 tasks would be made" in looked.text
        assert "Waiting 1 · Done 1" in looked.text
        assert "tls, new" in looked.text
        assert [] == nothing.rows
        assert "2 tasks are taken in." == toast_of(taken)["text"]
        async with database.read() as tx:
            two, _ = await service.get(tx, house.world.ben, "TSK-2")
        assert ("Write it", "done", ("new", "tls")) == (two.title, two.status, two.labels)


async def test_every_wrong_line_is_shown_and_nothing_is_taken_in(db):
    async with db() as database:
        house = await house_of(database)
        text = "title,assignees,due\n,,2026-12-01\nx,zoe,soon\n" + "y,,bad\n" * 300
        async with await house.client("ben") as client:
            answer = await post(client, "/projects/TSK/import", 422, text=text, do="take")
            page = await get(client, "/tasks/list")

        assert "303 places of the file are wrong. Nothing was taken in." in answer.text
        assert (
            "line 2, title" in answer.text,
            "Nobody who can see the project is called zoe" in answer.text,
        ) == (
            True,
            True,
        )
        assert "103 more places are wrong." in answer.text
        assert [] == page.rows


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "Choose a file, or paste its text."),
        ({"text": "no,titles\n1,2\n"}, 422, "There is no column “title”."),
        ({"text": "title\n"}, 200, "The file holds no task."),
        ({"text": '{"tasks": '}, 422, "This is not valid JSON."),
    ],
)
async def test_a_file_of_nothing_is_told_apart(db, form, status, said):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            answer = await post(client, "/projects/TSK/import", status, **form)

        assert said in answer.text


@pytest.mark.parametrize("text", ["no,titles\n1,2", '{"tasks":', "title"])
async def test_a_text_that_is_no_file_of_tasks_is_still_there_to_be_mended(db, text):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            answer = await client.post("/projects/TSK/import", data={"text": text, "do": "look"})

        typed = re.search(
            r'<textarea[^>]* name="text"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL
        )
        assert text == unescape(typed[1]).strip()


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("members", {"person": "Zoe", "role": "manager"}, 'value="Zoe"'),
        ("members", {"person": "Zoe", "role": "manager"}, '<option value="manager" selected>'),
        ("columns", {"name": "Waiting", "status": "done"}, '<option value="done" selected>'),
        ("labels", {"name": "x" * 41}, f'value="{"x" * 41}"'),
        ("settings", {"title": " ", "description": "Typed", "everyone": "member"}, ">Typed</textarea>"),
        ("settings", {"title": " ", "description": "", "everyone": "member"},
         '<option value="member" selected>'),
    ],
)  # fmt: skip
async def test_what_was_typed_into_the_settings_is_still_there_after_a_refusal(
    db, path, form, field
):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ada") as client:
            answer = await client.post(f"/projects/TSK/{path}", data=form)
            before = await get(client, SETTINGS)

        assert answer.status_code in {409, 422}
        assert answer.text.count(field) == before.count(field) + 1


async def test_a_project_that_was_put_away_is_found_again(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ada") as client:
            await post(client, "/projects/TSK/archive", archived="on")
            home = await get(client, "/tasks")

        assert "Archived" in home.text
        assert "/projects/TSK" in home.all(r'href="([^"]+)"')


async def test_a_sheet_of_a_spreadsheets_own_format_is_refused(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            data = {"csrf": client.headers["x-csrf-token"]}
            file = {"file": ("tasks.xlsx", b"PK\x03\x04\xff\xfe", "application/octet-stream")}
            answer = await client.post("/projects/TSK/import", data=data, files=file)

        assert 422 == answer.status_code
        assert "Save it as CSV in UTF-8" in answer.text


async def test_whoever_sees_a_project_says_on_its_board_what_they_are_told_of_it(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("cho") as client:
            before = await get(client, "/projects/TSK")
            saved = await post(client, "/projects/TSK/telling", choice="mute")
            after = await get(client, "/projects/TSK")
            await post(client, "/projects/TSK/telling", 422, choice="loud")
            await post(client, "/projects/TSK/telling", choice="")
            again = await get(client, "/projects/TSK")

        assert "/projects/TSK" == saved.headers["location"]
        chosen = r'value="([a-z]*)"[^>]* aria-pressed="true"'
        assert [[""], ["mute"], [""]] == [page.all(chosen) for page in (before, after, again)]


async def test_a_stranger_chooses_nothing_about_a_project(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("sam") as client:
            await post(client, "/projects/TSK/telling", 404, choice="all")


async def test_a_file_of_two_megabytes_is_looked_at_and_then_taken_in_by_the_page(db):
    async with db() as database:
        house = await house_of(database)
        text = "title,description\n" + f"Pin it,{'x' * 60_000}\n" * 35
        async with await house.client("ben") as client:
            kept = {"do": "take", "text": text, "csrf": client.headers.pop("x-csrf-token")}
            parts = {name: (None, value) for name, value in kept.items()}
            taken = await client.post("/projects/TSK/import", files=parts)

        assert 303 == taken.status_code, taken.text[-300:]

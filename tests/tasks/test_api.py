"""/api/v1/tasks and /api/v1/projects: what programs send and get."""

import json

import pytest

from tests.tasks.support import house_of

# What a database says differently is tested beside the stores; here one engine is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def _ok(answer, status=200):
    assert status == answer.status_code, answer.text
    return answer.json() if answer.content else None


async def test_a_task_is_made_read_changed_moved_deleted_and_taken_back(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            body = {
                "project": "tsk",
                "title": " Pin it ",
                "labels": ["tls"],
                "due": "2026-11-30 14:00",
            }
            made = await _ok(await client.post("/api/v1/tasks", json=body), 201)
            assert ("TSK-1", "Pin it", ["tls"], "2026-11-30 14:00") == tuple(
                made[name] for name in ("key", "title", "labels", "due")
            )
            assert "http://bongsu.test/tasks/TSK-1" == made["url"]

            read = await _ok(await client.get("/api/v1/tasks/tsk-1"))
            assert ("member", 1) == (read["role"], read["version"])
            body = {"due": None, "priority": 4, "version": 1}
            changed = await _ok(await client.patch("/api/v1/tasks/TSK-1", json=body))
            assert (None, 4, 2) == tuple(changed[name] for name in ("due", "priority", "version"))
            moved = await _ok(
                await client.post("/api/v1/tasks/TSK-1/move", json={"column": "done"})
            )
            assert "done" == moved["status"]
            await _ok(await client.delete("/api/v1/tasks/TSK-1"), 204)
            assert 404 == (await client.get("/api/v1/tasks/TSK-1")).status_code
            back = await _ok(await client.post("/api/v1/tasks/TSK-1/restore"))

            assert ("done", False) == (back["status"], back["deleted"])


async def test_who_is_slower_gets_a_conflict_with_who_was_faster(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task()
        async with await house.client("ada") as ada, await house.client("ben") as ben:
            await _ok(
                await ada.post("/api/v1/tasks/TSK-1/move", json={"column": "done", "version": 1})
            )
            late = await ben.post(
                "/api/v1/tasks/TSK-1/move", json={"column": "In progress", "version": 1}
            )

        assert (409, "conflict") == (late.status_code, late.json()["error"]["code"])
        assert "Ada moved TSK-1 to Done" in late.json()["error"]["message"]


async def test_a_list_is_filtered_paged_and_counted(db):
    async with db() as database:
        house = await house_of(database)
        for n in range(5):
            await house.world.task(f"task {n}", priority=4 if n % 2 else 2)
        async with await house.client("cho") as client:
            first = await _ok(await client.get("/api/v1/tasks?project=tsk&sort=number&limit=3"))
            rest = await _ok(
                await client.get(f"/api/v1/tasks?sort=number&limit=3&after={first['next']}")
            )
            urgent = await _ok(await client.get("/api/v1/tasks?priority=4&q=task"))
            wrong = await client.get("/api/v1/tasks?due=yesterday&assignee=x")

        assert ([1, 2, 3], 5, 3) == (
            [t["number"] for t in first["tasks"]],
            first["count"],
            first["next"],
        )
        assert ([4, 5], None) == ([t["number"] for t in rest["tasks"]], rest["next"])
        assert 2 == urgent["count"]
        assert {"due", "assignee"} == {one["where"] for one in wrong.json()["error"]["problems"]}


async def test_a_day_of_the_list_is_one_of_the_servers_zone_for_who_chose_none(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("today in London", due="2026-11-21")
        async with await house.client("cho") as client:
            assert 1 == (await _ok(await client.get("/api/v1/tasks?due=today")))["count"]


async def test_a_stranger_sees_no_task_in_any_list(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task()
        async with await house.client("sam") as client:
            assert 0 == (await _ok(await client.get("/api/v1/tasks")))["count"]
            assert 0 == (await _ok(await client.get("/api/v1/tasks?project=TSK")))["count"]
            assert [] == (await _ok(await client.get("/api/v1/projects")))["projects"]


async def test_one_change_to_many_names_what_was_refused(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task()
        async with await house.client("ben") as client:
            body = {"tasks": ["TSK-1", "TSK-7"], "status": "done"}
            done = await _ok(await client.post("/api/v1/tasks/bulk", json=body))

        assert ["TSK-1"] == done["done"]
        assert ["TSK-7"] == [one["key"] for one in done["refused"]]


async def test_the_history_has_words_in_the_callers_language_and_goes_on(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task()
        async with await house.client("ben") as client:
            await client.patch("/api/v1/tasks/TSK-1", json={"status": "done", "title": "Pin it"})
            first = await _ok(await client.get("/api/v1/tasks/TSK-1/history?limit=1"))
            korean = {"accept-language": "ko"}
            rest = await _ok(
                await client.get(
                    f"/api/v1/tasks/TSK-1/history?before={first['next']}", headers=korean
                )
            )

        (line,) = first["history"]
        assert ("task.status_changed", "Ben") == (line["type"], line["by"])
        assert "Ben moved it from Waiting to Done." == line["what"]
        assert [{"field": "Title", "before": "Pin the client", "after": "Pin it"}] == line["rows"]
        assert ("Ada 님이 작업을 만들었습니다.", None) == (rest["history"][0]["what"], rest["next"])


async def test_points_links_and_watching(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task(checklist=[{"text": "read"}])
        async with await house.client("ben") as client:
            ticked = await _ok(
                await client.post("/api/v1/tasks/TSK-1/check", json={"text": "read", "done": True})
            )
            watched = await _ok(
                await client.post("/api/v1/tasks/TSK-1/watch", json={"watch": True})
            )
            body = {"kind": "relates", "target": "incident/12"}
            linked = await _ok(await client.post("/api/v1/tasks/TSK-1/links", json=body), 201)
            number = linked["links"][0]["id"]
            gone = await _ok(await client.delete(f"/api/v1/tasks/TSK-1/links/{number}"))

        assert [{"text": "read", "done": True}] == ticked["checklist"]
        assert ["Ben"] == [one["name"] for one in watched["watchers"]]
        assert [] == gone["links"]


async def test_a_project_has_members_columns_labels_and_views(db):
    async with db() as database:
        house = await house_of(database)
        sam = house.world.sam.id
        async with await house.client("ada") as client:
            new = {"key": "ops", "title": "Ops"}
            made = await _ok(await client.post("/api/v1/projects", json=new), 201)
            columns = [one["id"] for one in made["columns"]]
            await _ok(
                await client.put(f"/api/v1/projects/OPS/members/{sam}", json={"role": "viewer"}),
                204,
            )
            added = await _ok(
                await client.post(
                    "/api/v1/projects/OPS/columns", json={"name": "QA", "status": "done"}
                ),
                201,
            )
            await _ok(
                await client.patch(
                    f"/api/v1/projects/OPS/columns/{columns[0]}", json={"name": "Ideas"}
                )
            )
            await _ok(
                await client.delete(f"/api/v1/projects/OPS/columns/{added['columns'][-1]['id']}")
            )
            label = await _ok(
                await client.post("/api/v1/projects/OPS/labels", json={"name": "a"}), 201
            )
            number = label["labels"][0]["id"]
            await _ok(
                await client.patch(f"/api/v1/projects/OPS/labels/{number}", json={"name": "b"})
            )
            read = await _ok(await client.get("/api/v1/projects/ops"))
            await _ok(await client.delete(f"/api/v1/projects/OPS/labels/{number}"))
            await _ok(await client.delete(f"/api/v1/projects/OPS/members/{sam}"), 204)
            view = {"name": "Late", "query": "due=late&x=1", "shared_with": "OPS"}
            kept = await _ok(await client.post("/api/v1/views", json=view), 201)
            (listed,) = (await _ok(await client.get("/api/v1/views")))["views"]
            await _ok(await client.delete(f"/api/v1/views/{listed['id']}"), 204)
            archived = await _ok(
                await client.patch("/api/v1/projects/OPS", json={"archived": True})
            )
            left = await _ok(await client.get("/api/v1/projects"))
            every = await _ok(await client.get("/api/v1/projects?archived=true"))

        assert ["Ideas", "In progress", "Done"] == [one["name"] for one in read["columns"]]
        assert (["b"], "manager") == ([one["name"] for one in read["labels"]], read["role"])
        assert {"Ada": "manager", "Sam": "viewer"} == {
            one["name"]: one["role"] for one in read["members"]
        }
        assert ("due=late", True) == (kept["query"], listed["mine"])
        assert archived["archived"]
        assert (["TSK"], ["OPS", "TSK"]) == (
            [one["key"] for one in left["projects"]],
            sorted(one["key"] for one in every["projects"]),
        )


async def test_a_file_goes_in_and_out(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            text = "\ufefftitle,priority\nPin it,high\n".encode()
            path = "/api/v1/projects/TSK/import"
            dry = await _ok(await client.post(f"{path}?dry_run=true", content=text), 201)
            done = await _ok(await client.post(path, content=text), 201)
            csv = await client.get("/api/v1/projects/TSK/export?format=csv")
            whole = await client.get("/api/v1/projects/TSK/export")
            wrong = await client.post(path, content=b"title,due\n,soon\n")
            sheet = await client.post(path, content=b"PK\x03\x04\xff\xfe")
            odd = await client.get("/api/v1/projects/TSK/export?format=xls")

        assert ({"tasks": 1, "dry_run": True}, {"tasks": 1, "dry_run": False}) == (dry, done)
        assert 'attachment; filename="tsk-tasks.csv"' == csv.headers["content-disposition"]
        assert "Pin it" in csv.text
        assert ["Pin it"] == [one["title"] for one in json.loads(whole.text)["tasks"]]
        assert ["line 2, title", "line 2, due"] == [
            one["where"] for one in wrong.json()["error"]["problems"]
        ]
        assert (422, 422) == (sheet.status_code, odd.status_code)


async def test_the_palette_finds_tasks_and_boards_of_ones_own(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("Pin the client")
        await house.world.task("Write it up", status="done")
        async with await house.client("cho") as client:
            key = await _ok(await client.get("/-/find?q=tsk-2"))
            words = await _ok(await client.get("/-/find?q=client"))
            board = await _ok(await client.get("/-/find?q=shop", headers={"accept-language": "ko"}))
            nothing = await _ok(await client.get("/-/find"))
        async with await house.client("sam") as client:
            strangers = await _ok(await client.get("/-/find?q=client"))

        assert [("TSK-2 Write it up", "/tasks/TSK-2", "done")] == [
            (one["title"], one["href"], one["hint"]) for one in key
        ]
        assert ["/tasks/TSK-1"] == [one["href"] for one in words]
        assert [("/projects/TSK", "보드")] == [(one["href"], one["hint"]) for one in board]
        assert [] == nothing == strangers

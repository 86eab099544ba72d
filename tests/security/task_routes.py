"""The rows of the room tasks for test_routes.py and writes.py; who may what within a project is tested in
tests/tasks/test_permissions.py."""

from typing import Any

import httpx2

READ = {
    "GET /tasks", "GET /tasks/list", "GET /tasks/feed", "GET /tasks/new", "GET /tasks/{key}",
    "GET /tasks/{key}/edit", "GET /tasks/by-id/{task_id}", "GET /projects/new", "GET /projects/{key}",
    "GET /projects/{key}/import", "GET /projects/{key}/settings", "GET /-/projects/{key}/board",
    "GET /-/tasks/count", "GET /-/tasks/feed", "GET /-/tasks/history/{key}", "GET /-/tasks/list",
    "GET /-/tasks/mine", "GET /-/tasks/of/{family}/{ident}", "GET /-/tasks/{key}/body",
    "GET /api/v1/projects", "GET /api/v1/projects/{key}", "GET /api/v1/projects/{key}/export",
    "GET /api/v1/tasks", "GET /api/v1/tasks/{key}", "GET /api/v1/tasks/{key}/history", "GET /api/v1/views",
}  # fmt: skip
_FORM = {
    "title": "x", "description": "", "column": "1", "priority": "2", "labels": "", "due_on": "",
    "due_time": "", "checklist": "", "version": "1",
}  # fmt: skip
_FILE = {"tasks": [{"title": "From a file"}]}
_LATE = {"name": "Late", "query": "due=late"}

# route, least, address, body: those of a project are for its members, which everybody is in TSK, or its managers
ROWS: tuple[tuple[str, str, str, Any], ...] = (
    ("POST /tasks/new", "viewer", "/tasks/new", _FORM | {"project": "TSK", "link": ""}),
    ("POST /tasks/{key}/edit", "viewer", "/tasks/TSK-1/edit", _FORM),
    ("POST /tasks/{key}/move", "viewer", "/tasks/TSK-1/move", {"column": "2"}),
    ("POST /tasks/{key}/back", "viewer", "/tasks/TSK-1/back?column=2&version=1", {}),
    ("POST /tasks/{key}/take", "viewer", "/tasks/TSK-1/take", {}),
    ("POST /tasks/{key}/leave", "viewer", "/tasks/TSK-1/leave", {}),
    ("POST /tasks/{key}/watch", "viewer", "/tasks/TSK-1/watch", {"on": "on"}),
    ("POST /tasks/{key}/check", "viewer", "/tasks/TSK-3/check", {"text": "read", "done": "on"}),
    ("POST /tasks/{key}/links", "viewer", "/tasks/TSK-1/links", {"target": "incident/9", "kind": "relates"}),
    ("POST /tasks/{key}/links/{link_id}/delete", "viewer", "/tasks/TSK-3/links/{task_link}/delete", {}),
    ("POST /tasks/{key}/delete", "viewer", "/tasks/TSK-1/delete", {}),
    ("POST /tasks/{key}/restore", "viewer", "/tasks/TSK-2/restore", {}),
    ("POST /tasks/bulk", "viewer", "/tasks/bulk", {"tasks": "TSK-1", "priority": "4", "do": "change"}),
    ("POST /tasks/restore", "viewer", "/tasks/restore?keys=TSK-2", {}),
    ("POST /tasks/views", "viewer", "/tasks/views", _LATE),
    ("POST /projects/new", "viewer", "/projects/new", {"title": "New", "key": "NEW", "everyone": "none"}),
    ("POST /projects/{key}/telling", "viewer", "/projects/TSK/telling", {"choice": "mute"}),
    ("POST /projects/{key}/import", "viewer", "/projects/TSK/import", {"text": "title\nx\n", "do": "take"}),
    ("POST /api/v1/projects", "viewer", "/api/v1/projects", {"key": "NEW", "title": "New"}),
    ("POST /api/v1/projects/{key}/import", "viewer", "/api/v1/projects/TSK/import", _FILE),
    ("POST /api/v1/tasks", "viewer", "/api/v1/tasks", {"project": "TSK", "title": "x"}),
    ("POST /api/v1/tasks/bulk", "viewer", "/api/v1/tasks/bulk", {"tasks": ["TSK-1"], "priority": 4}),
    ("PATCH /api/v1/tasks/{key}", "viewer", "/api/v1/tasks/TSK-1", {"title": "x"}),
    ("DELETE /api/v1/tasks/{key}", "viewer", "/api/v1/tasks/TSK-1", None),
    ("POST /api/v1/tasks/{key}/restore", "viewer", "/api/v1/tasks/TSK-2/restore", None),
    ("POST /api/v1/tasks/{key}/move", "viewer", "/api/v1/tasks/TSK-1/move", {"column": "done"}),
    ("POST /api/v1/tasks/{key}/check", "viewer", "/api/v1/tasks/TSK-3/check", {"text": "read", "done": True}),
    ("POST /api/v1/tasks/{key}/watch", "viewer", "/api/v1/tasks/TSK-1/watch", {"watch": True}),
    ("POST /api/v1/tasks/{key}/links", "viewer", "/api/v1/tasks/TSK-1/links", {"target": "check/3"}),
    ("DELETE /api/v1/tasks/{key}/links/{link_id}", "viewer", "/api/v1/tasks/TSK-3/links/{task_link}", None),
    ("POST /api/v1/views", "viewer", "/api/v1/views", _LATE),
    # --- its managers: nobody but the administrator in this house
    ("POST /projects/{key}/settings", "admin", "/projects/TSK/settings", {"title": "T", "everyone": "member"}),
    ("POST /projects/{key}/archive", "admin", "/projects/TSK/archive", {"archived": "on"}),
    ("POST /projects/{key}/members", "admin", "/projects/TSK/members",
     {"person": "viewer@example.com", "role": "viewer"}),
    ("POST /projects/{key}/members/{user_id}", "admin", "/projects/TSK/members/{erin}", {"role": "manager"}),
    ("POST /projects/{key}/members/{user_id}/remove", "admin", "/projects/TSK/members/{erin}/remove", {}),
    ("POST /projects/{key}/columns", "admin", "/projects/TSK/columns", {"name": "QA", "status": "done"}),
    ("POST /projects/{key}/columns/{column_id}", "admin", "/projects/TSK/columns/1", {"name": "Ideas"}),
    ("POST /projects/{key}/columns/{column_id}/delete", "admin",
     "/projects/TSK/columns/{task_column}/delete", {}),
    ("POST /projects/{key}/labels", "admin", "/projects/TSK/labels", {"name": "new"}),
    ("POST /projects/{key}/labels/{label_id}", "admin", "/projects/TSK/labels/{task_label}", {"name": "x"}),
    ("POST /projects/{key}/labels/{label_id}/delete", "admin",
     "/projects/TSK/labels/{task_label}/delete", {}),
    ("POST /tasks/views/{view_id}/delete", "admin", "/tasks/views/{task_view}/delete", {}),
    ("PATCH /api/v1/projects/{key}", "admin", "/api/v1/projects/TSK", {"title": "T"}),
    ("PUT /api/v1/projects/{key}/members/{user_id}", "admin", "/api/v1/projects/TSK/members/{erin}",
     {"role": "manager"}),
    ("DELETE /api/v1/projects/{key}/members/{user_id}", "admin", "/api/v1/projects/TSK/members/{erin}", None),
    ("POST /api/v1/projects/{key}/columns", "admin", "/api/v1/projects/TSK/columns",
     {"name": "QA", "status": "done"}),
    ("PATCH /api/v1/projects/{key}/columns/{column_id}", "admin", "/api/v1/projects/TSK/columns/1",
     {"name": "Ideas"}),
    ("DELETE /api/v1/projects/{key}/columns/{column_id}", "admin",
     "/api/v1/projects/TSK/columns/{task_column}", None),
    ("POST /api/v1/projects/{key}/labels", "admin", "/api/v1/projects/TSK/labels", {"name": "new"}),
    ("PATCH /api/v1/projects/{key}/labels/{label_id}", "admin", "/api/v1/projects/TSK/labels/{task_label}",
     {"name": "x"}),
    ("DELETE /api/v1/projects/{key}/labels/{label_id}", "admin", "/api/v1/projects/TSK/labels/{task_label}",
     None),
    ("DELETE /api/v1/views/{view_id}", "admin", "/api/v1/views/{task_view}", None),
)  # fmt: skip
# Nobody has the task that is left.
KEEPS_NOTHING = frozenset({"POST /tasks/{key}/leave"})
# Without a project that is theirs everybody hears that there is none.
LEAST = dict.fromkeys((route for route, *_ in ROWS), "viewer")
BODIES = {route: body for route, _, _, body in ROWS if body and "/api/" in route}


async def furnish(alice: httpx2.AsyncClient, ids: dict[str, Any]) -> None:
    """Beside TSK-1: one that is deleted, one with a link and a point, a column, a label, a member, a view."""
    await _sent(alice, "POST", "/tasks", {"project": "TSK", "title": "Gone"})
    await _sent(alice, "DELETE", "/tasks/TSK-2")
    body = {"project": "TSK", "title": "Whole", "checklist": [{"text": "read"}], "labels": ["tls"]}
    task = await _sent(alice, "POST", "/tasks", body | {"links": [{"target": "incident/1"}]})
    column = {"name": "Review", "status": "in_progress"}
    project = await _sent(alice, "POST", "/projects/TSK/columns", column)
    await _sent(alice, "PUT", f"/projects/TSK/members/{ids['erin']}", {"role": "member"})
    await _sent(alice, "POST", "/views", _LATE | {"name": "Shared", "shared_with": "TSK"})
    (view,) = (await _sent(alice, "GET", "/views"))["views"]
    ids |= {
        "task_link": task["links"][0]["id"],
        "task_column": next(one["id"] for one in project["columns"] if one["name"] == "Review"),
        "task_label": project["labels"][0]["id"],
        "task_view": view["id"],
    }


async def _sent(alice: httpx2.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await alice.request(method, f"/api/v1{path}", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None

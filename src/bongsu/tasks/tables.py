"""Projects with their columns, labels and members; tasks with all that hangs on them; saved views."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata


def _owned_by(table: str, name: str, *, key: bool = False) -> sa.Column[int]:
    there = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, BigId, there, primary_key=key, nullable=False)


project = sa.Table(
    "project",
    metadata,
    identity(),
    sa.Column("key", sa.String(10), nullable=False, unique=True),  # TSK: what numbers begin with
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("everyone", sa.String(8), nullable=False),  # none | viewer | member: who is not named
    sa.Column("next_number", sa.Integer, nullable=False),
    sa.Column("creator_id", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("archived_at", UtcTime),
    sqlite_autoincrement=True,
)

project_member = sa.Table(
    "project_member",
    metadata,
    _owned_by("project", "project_id", key=True),
    _owned_by("user_account", "user_id", key=True),
    sa.Column("role", sa.String(8), nullable=False),  # viewer | member | manager
    sa.Index("ix_project_member_user", "user_id"),
)

column = sa.Table(
    "project_column",
    metadata,
    identity(),
    _owned_by("project", "project_id"),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # waiting | in_progress | done
    sa.Column("position", sa.Integer, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
    sqlite_autoincrement=True,
)

label = sa.Table(
    "label",
    metadata,
    identity(),
    _owned_by("project", "project_id"),
    sa.Column("name", sa.String(40), nullable=False),
    sa.UniqueConstraint("project_id", "name"),
    sqlite_autoincrement=True,
)

task = sa.Table(
    "task",
    metadata,
    identity(),
    _owned_by("project", "project_id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("description", sa.Text, nullable=False),  # Markdown
    sa.Column("column_id", BigId, sa.ForeignKey("project_column.id"), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # that of its column
    sa.Column("position", sa.Float(53), nullable=False),  # within its column, small is high
    sa.Column("priority", sa.Integer, nullable=False),  # 1 low … 4 urgent
    sa.Column("creator_id", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
    sa.Column("due_on", sa.String(10)),  # a day, as it was said
    sa.Column("due_time", sa.String(5)),  # 14:00, where one was said
    sa.Column("due_zone", sa.String(64)),  # of whoever said it
    sa.Column("due_at", UtcTime),  # the moment from which it is late
    sa.Column("next_remind_at", UtcTime),  # a due row of the reminders; null: nothing to come
    sa.Column("checklist", Json, nullable=False),  # [{"text", "done"}]
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("attachments", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("moved_version", sa.Integer, nullable=False),  # of the last change of column
    sa.Column("text_version", sa.Integer, nullable=False),  # of title, description or checklist
    sa.Column("changed_by", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.Column("deleted_at", UtcTime),  # can be taken back
    sa.UniqueConstraint("project_id", "number"),
    sa.Index("ix_task_column", "column_id", "deleted_at", "position"),
    sa.Index("ix_task_project_updated", "project_id", "updated_at"),
    sa.Index("ix_task_due", "status", "due_at"),
    sa.Index("ix_task_next_remind_at", "next_remind_at"),
    sqlite_autoincrement=True,
)

task_assignee = sa.Table(
    "task_assignee",
    metadata,
    _owned_by("task", "task_id", key=True),
    _owned_by("user_account", "user_id", key=True),
    sa.Index("ix_task_assignee_user", "user_id"),
)

task_watcher = sa.Table(
    "task_watcher",
    metadata,
    _owned_by("task", "task_id", key=True),
    _owned_by("user_account", "user_id", key=True),
    sa.Index("ix_task_watcher_user", "user_id"),
)

task_label = sa.Table(
    "task_label",
    metadata,
    _owned_by("task", "task_id", key=True),
    _owned_by("label", "label_id", key=True),
    sa.Index("ix_task_label_label", "label_id"),
)

task_link = sa.Table(
    "task_link",
    metadata,
    identity(),
    _owned_by("task", "task_id"),
    sa.Column("kind", sa.String(16), nullable=False),  # blocks | duplicates | relates | from
    sa.Column("target", sa.String(256), nullable=False),  # task/57, incident/12, check/3
    sa.Column("title", sa.String(256), nullable=False),
    sa.Column("state", sa.String(16)),  # of an incident, as of its last event
    sa.Column("severity", sa.Integer),
    sa.Column("closes", sa.Boolean, nullable=False),  # the task is done when the incident is over
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("task_id", "kind", "target"),
    sa.Index("ix_task_link_target", "target"),
    sqlite_autoincrement=True,
)

saved_view = sa.Table(
    "saved_view",
    metadata,
    identity(),
    _owned_by("user_account", "user_id"),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("query", sa.String(2000), nullable=False),  # as in the address of the list
    sa.Column("shared_with", BigId, sa.ForeignKey("project.id", ondelete="CASCADE")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

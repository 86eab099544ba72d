"""Imports every room's tables into the metadata; for migrations and tests only (db itself knows no room)."""

import importlib

ROOMS = (
    "accounts",
    "services",
    "events",
    "deliver",
    "notes",
    "tell",
    "incidents",
    "tasks",
    "watch",
    "requests",
    "intake",
    "rules",
    "architectures",
)


def load_all() -> None:
    for room in ROOMS:
        importlib.import_module(f"bongsu.{room}.tables")

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid, NotFound, ObjectsAway
from bongsu.objects.folder import FolderObjects
from bongsu.objects.model import KEY_LIMIT
from bongsu.objects.store import ObjectStore, open_objects


async def test_what_was_put_is_got(objects: ObjectStore) -> None:
    body = bytes(range(256)) * 100

    await objects.put("evidence/shop/1.json", b"old", "application/json")
    await objects.put("evidence/shop/1.json", body, "application/json")

    assert await objects.get("evidence/shop/1.json") == body


async def test_what_is_not_there_is_not_found(objects: ObjectStore) -> None:
    with pytest.raises(NotFound, match="no object evidence/none"):
        await objects.get("evidence/none.json")


async def test_a_list_is_in_order_of_keys_and_within_its_prefix(objects: ObjectStore) -> None:
    keys = ["a-b/x", "a/1", "a/b/c", "a/b0", "ab/1", "b"]
    for key in reversed(keys):
        await objects.put(key, key.encode())

    everything = await objects.list()
    under = await objects.list("a/")
    same = await objects.list("a")

    assert [one.key for one in everything] == keys
    assert [one.key for one in under] == [one.key for one in same] == ["a/1", "a/b/c", "a/b0"]
    assert [one.size_bytes for one in everything] == [len(key) for key in keys]
    assert SYSTEM_CLOCK.now() - everything[0].modified < timedelta(minutes=5)
    assert await objects.list("nothing/here") == []


async def test_a_list_has_a_limit(objects: ObjectStore) -> None:
    for number in range(5):
        await objects.put(f"many/{number}", b"")

    assert [one.key for one in await objects.list("many", limit=2)] == ["many/0", "many/1"]


async def test_what_was_deleted_is_gone_and_may_be_deleted_again(objects: ObjectStore) -> None:
    await objects.put("a/1", b"x")

    await objects.delete("a/1")
    await objects.delete("a/1")

    with pytest.raises(NotFound):
        await objects.get("a/1")


BAD_KEYS = [
    "", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a/.hidden", "a b", "a\\b",
    "a\0b", "a\n", "~a", "%2e%2e/a", "가", "-a", "a?b", "a#b", "x" * (KEY_LIMIT + 1),
]  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_never_leaves_its_place(objects: ObjectStore, key: str) -> None:
    with pytest.raises(Invalid, match="cannot be the name of an object"):
        await objects.put(key, b"x")
    with pytest.raises(Invalid):
        await objects.get(key)
    with pytest.raises(Invalid):
        await objects.delete(key)


@pytest.mark.parametrize("prefix", ["..", "a/../..", "/etc", "a//"])
async def test_a_prefix_never_leaves_its_place(objects: ObjectStore, prefix: str) -> None:
    with pytest.raises(Invalid):
        await objects.list(prefix)


@pytest.mark.parametrize(
    "url",
    ["", "/tmp", "file://host/a", "file:relative", "s3://", "s3://bucket?secret=x", "gs://a/b"],
)
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="is no address of"):
        open_objects(url)


async def test_readers_see_whole_files_only_and_drafts_are_not_listed(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    await store.put("a/1", b"x")
    (tmp_path / "a" / ".123.draft").write_bytes(b"half")

    assert [one.key for one in await store.list()] == ["a/1"]
    assert (tmp_path / "a" / "1").stat().st_mode & 0o777 == 0o600


async def test_a_failed_write_leaves_the_old_object_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderObjects(tmp_path)
    await store.put("a/1", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bongsu.objects.files.os.fsync", full)
    with pytest.raises(ObjectsAway) as away:
        await store.put("a/1", b"new")

    assert "No space left" in away.value.why
    assert await store.get("a/1") == b"old"
    assert os.listdir(tmp_path / "a") == ["1"]


async def test_a_folder_that_hangs_is_away_after_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bongsu.objects.folder.LIMIT_S", 0.05)
    store = FolderObjects(tmp_path)
    os.mkfifo(tmp_path / "pipe")  # opening it waits for a writer

    with pytest.raises(ObjectsAway, match="object store is away"):
        await store.get("pipe", timeout_s=0.05)
    descriptor = os.open(tmp_path / "pipe", os.O_WRONLY)
    os.close(descriptor)


@pytest.mark.heavy
async def test_a_bucket_that_hangs_is_away_after_two_seconds(s3_server: Any) -> None:
    store = open_objects(s3_server.url("hang"))
    await store.put("a", b"1")
    s3_server.hang()
    began = time.monotonic()
    try:
        asked = [store.put("a", b"2"), store.get("a"), store.list(), store.delete("a")]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    finally:
        s3_server.go_on()

    assert [type(answer) for answer in answers] == [ObjectsAway] * 4
    assert time.monotonic() - began < 7  # one after the other they would take eight


@pytest.mark.heavy
async def test_a_bucket_that_does_not_exist_is_a_store_that_is_away(s3_server: Any) -> None:
    store = open_objects(s3_server.url().replace("bucket", "nobody"))

    with pytest.raises(ObjectsAway):
        await store.put("a", b"1")


async def test_nobody_at_the_endpoint_is_a_store_that_is_away() -> None:
    store = open_objects("s3://bucket/x?region=us-east-1&endpoint=http://127.0.0.1:9")

    with pytest.raises(ObjectsAway):
        await store.get("a")

"""The mobile API as it runs in a pod, before an emulator of AWS: what it gives away, its functions understand."""

import base64
import hashlib
import hmac
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bongsu.functions import push, thumbnail
from tests.aws.emulator import ACCOUNT, REGION, client, credentials, emulator

APP = Path(__file__).resolve().parents[2] / "examples" / "apps" / "mobile-api"
KEY = "a key of the test"
BUCKETS = ("pictures", "small")


class Valkey(threading.Thread):
    """As much of it as the program asks for: one question on each connection."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kept: dict[bytes, bytes] = {}
        self.away = False
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                if self.away:
                    continue
                connection.sendall(self._answer(self._words(file)))

    @staticmethod
    def _words(file) -> list[bytes]:
        count = int(file.readline()[1:])
        return [file.read(int(file.readline()[1:]) + 2)[:-2] for _ in range(count)]

    def _answer(self, words: list[bytes]) -> bytes:
        if words[0] == b"GET":
            found = self.kept.get(words[1])
            return b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
        if words[0] == b"SET":
            self.kept[words[1]] = words[2]
        if words[0] == b"DEL":
            self.kept.pop(words[1], None)
        return b"+OK\r\n"


def token(user: str) -> str:
    signed = hmac.digest(KEY.encode(), user.encode(), hashlib.sha256)
    return f"Bearer {user}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def signed_in(user: str) -> dict[str, str]:
    return {"Authorization": token(user)}


@pytest.fixture(scope="module")
def aws():
    """Emptied first: all emulators of a process share what they hold."""
    with pytest.MonkeyPatch.context() as patch, emulator() as address:
        credentials(patch)
        patch.setenv("AWS_ENDPOINT_URL", address)
        httpx.post(f"{address}/moto-api/reset")
        yield address


@pytest.fixture(scope="module")
def made(aws):
    """What the architecture makes around the program."""
    place = {"LocationConstraint": REGION}
    for name in BUCKETS:
        client("s3", aws).create_bucket(Bucket=name, CreateBucketConfiguration=place)
    client("kinesis", aws).create_stream(StreamName="messages", ShardCount=1)
    sns, sqs = client("sns", aws), client("sqs", aws)
    keys = {"PlatformCredential": "secret", "PlatformPrincipal": "key"}
    phones = [
        sns.create_platform_application(Name=name, Platform=platform, Attributes=keys)[
            "PlatformApplicationArn"
        ]
        for name, platform in (("ios", "APNS"), ("android", "GCM"))
    ]
    topic = sns.create_topic(Name="notices")["TopicArn"]
    queue = sqs.create_queue(QueueName="pushes")["QueueUrl"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:pushes",
        Attributes={"RawMessageDelivery": "true"},
    )
    return {"PHONES": ",".join(phones), "NOTICES_TOPIC": topic, "queue": queue}


@pytest.fixture(scope="module")
def cache():
    found = Valkey()
    yield found
    found.socket.close()


@pytest.fixture(scope="module")
def api(made, cache, tmp_path_factory):
    """One program for all tests; each has people of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "PORT": str(port),
        "SIGNING_KEY": KEY,
        "PICTURES_BUCKET": "pictures",
        "SMALL_URL": "https://img.example.com",
        "MESSAGES_STREAM": "messages",
        "DATABASE_FILE": str(tmp_path_factory.mktemp("mobile") / "mobile.sqlite"),
        "CACHE_URL": f"redis://127.0.0.1:{cache.port}",
        **{name: made[name] for name in ("PHONES", "NOTICES_TOPIC")},
    }
    running = subprocess.Popen([sys.executable, APP / "main.py"], env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as asking:
            wait(asking)
            yield asking
    finally:
        running.terminate()
        assert running.wait(timeout=20) == 0


def wait(asking: httpx.Client) -> None:
    for _ in range(200):
        try:
            assert asking.get("/healthz").json() == {"ok": True}
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the program does not answer")


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "PNG")
    return file.getvalue()


def upload(api, user="alice"):
    given = api.post(
        "/v1/pictures", headers=signed_in(user), json={"name": "Harbour", "type": "image/png"}
    )
    assert given.status_code == 201
    data = given.json()
    answer = httpx.put(data["put"], content=picture(), headers={"Content-Type": data["type"]})
    assert answer.status_code == 200
    return data["id"]


def test_an_uploaded_picture_gets_a_small_one_where_the_list_says(api, aws, monkeypatch):
    key = upload(api)
    monkeypatch.setenv("BONGSU_THUMBNAIL_BUCKET", "small")
    (put,) = client("s3", aws).list_objects_v2(Bucket="pictures", Prefix="alice/")["Contents"]
    record = {"s3": {"bucket": {"name": "pictures"}, "object": {"key": put["Key"], "size": 1}}}

    thumbnail.handler({"Records": [record | {"eventName": "ObjectCreated:Put"}]}, None)

    (listed,) = api.get("/v1/pictures", headers=signed_in("alice")).json()["pictures"]
    assert (listed["id"], listed["name"]) == (key, "Harbour")
    place = listed["small"].removeprefix("https://img.example.com/")
    small = client("s3", aws).get_object(Bucket="small", Key=place)
    assert small["ContentType"] == "image/webp"


def test_nobody_sees_the_pictures_of_others_and_strangers_see_nothing(api):
    upload(api, "carol")

    assert api.get("/v1/pictures", headers=signed_in("bob")).json() == {"pictures": []}
    assert api.get("/v1/pictures").status_code == 401
    forged = {"Authorization": token("bob").replace("bob", "carol")}
    assert api.get("/v1/pictures", headers=forged).status_code == 401


def test_lists_are_kept_for_a_moment_and_forgotten_when_there_is_more(api, cache):
    upload(api, "dave")
    api.get("/v1/pictures", headers=signed_in("dave"))
    assert b"pictures/dave" in cache.kept

    upload(api, "dave")

    assert b"pictures/dave" not in cache.kept
    assert len(api.get("/v1/pictures", headers=signed_in("dave")).json()["pictures"]) == 2


def test_without_its_cache_it_goes_on(api, cache):
    cache.away = True
    upload(api, "erin")

    listed = api.get("/v1/pictures", headers=signed_in("erin")).json()["pictures"]

    cache.away = False
    assert len(listed) == 1


def test_messages_and_notices_become_pushes(api, aws, made):
    device = api.post(
        "/v1/devices", headers=signed_in("bob"), json={"platform": "android", "token": "t1"}
    ).json()["device"]

    written = api.post(
        "/v1/messages", headers=signed_in("alice"), json={"to": "bob", "text": "Hello"}
    )
    told = api.post("/v1/notices", headers=signed_in("bob"), json={"text": "Backed up"})

    assert (written.json(), told.json()) == ({"devices": 1}, {"devices": 1})
    record = stream_record(aws)
    assert json.loads(record["Data"]) == {"to": [device], "title": "alice", "body": "Hello"}
    (message,) = client("sqs", aws).receive_message(QueueUrl=made["queue"])["Messages"]
    events = [
        {"eventSource": "aws:sqs", "messageId": "1", "body": message["Body"]},
        {
            "eventSource": "aws:kinesis",
            "kinesis": {
                "sequenceNumber": "1",
                "data": base64.b64encode(record["Data"]).decode(),
            },
        },
    ]
    for event in events:
        assert push.handler({"Records": [event]}, None) == {"batchItemFailures": []}


def stream_record(aws):
    kinesis = client("kinesis", aws)
    shard = {"StreamName": "messages", "ShardId": "shardId-000000000000"}
    begin = kinesis.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")
    (record,) = kinesis.get_records(ShardIterator=begin["ShardIterator"])["Records"]
    return record


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/pictures", {"name": "a", "type": "text/html"}, 422),
        ("/v1/devices", {"platform": "desk", "token": "t"}, 422),
        ("/v1/messages", {"to": "nobody", "text": "Hello"}, 422),
        ("/v1/pictures", ["a"], 400),
        ("/v1/nothing", {}, 404),
        ("/v1/pictures", {"name": "a" * 20_000}, 413),
    ],
)
def test_what_cannot_be_done_is_said(api, path, body, status):
    answer = api.post(path, headers=signed_in("alice"), json=body)

    assert answer.status_code == status
    assert answer.json()["error"]

"""A mobile API: pictures go straight to S3, small ones come from the edge, messages become pushes on telephones.

`SIGNING_KEY=… PICTURES_BUCKET=… python main.py`; see README.md beside this file.
"""

import base64
import hashlib
import hmac
import json
import os
import signal
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
from cache import Cache
from store import Store, opened

UPLOAD_S, LISTED_S = 300, 5
BODY_LIMIT_BYTES = 16_384
TYPES = ("image/jpeg", "image/png", "image/webp")


class Wrong(Exception):
    """What the caller is told, with a status of HTTP."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class Api:
    """What the program can do, without HTTP."""

    def __init__(self, environment: dict[str, str], store: Store) -> None:
        self.environment, self.store = environment, store
        self.cache = Cache(environment.get("CACHE_URL", ""))
        self.key = environment["SIGNING_KEY"].encode()
        self.clients = {name: boto3.client(name) for name in ("s3", "sns", "kinesis")}

    def who(self, header: str) -> str:
        """`Bearer user.signature`, as the company's sign-in gives it. Raises Wrong."""
        user, _, signature = header.removeprefix("Bearer ").rpartition(".")
        right = base64.urlsafe_b64encode(
            hmac.digest(self.key, user.encode(), hashlib.sha256)
        ).decode()
        if not user or not hmac.compare_digest(signature.encode(), right.rstrip("=").encode()):
            raise Wrong(401, "Sign in first.")
        return user

    def new_picture(self, user: str, asked: dict[str, Any]) -> dict[str, Any]:
        """An address that takes this one picture, for five minutes: the bucket itself is closed."""
        name, kind = str(asked.get("name", ""))[:200], asked.get("type")
        if not name or kind not in TYPES:
            raise Wrong(422, f"Give a name, and a type of {', '.join(TYPES)}.")
        key = str(uuid.uuid4())
        place = {
            "Bucket": self.environment["PICTURES_BUCKET"],
            "Key": _object(user, key),
            "ContentType": kind,
        }
        address = self.clients["s3"].generate_presigned_url(
            "put_object", Params=place, ExpiresIn=UPLOAD_S
        )
        self.store.add_picture(key, user, name, int(time.time()))
        self.cache.drop(f"pictures/{user}")
        return {"id": key, "put": address, "type": kind}

    def pictures(self, user: str) -> dict[str, Any]:
        kept = self.cache.get(f"pictures/{user}")
        found = json.loads(kept) if kept else self.store.pictures(user)
        if kept is None:
            self.cache.put(f"pictures/{user}", json.dumps(found), LISTED_S)
        small = self.environment.get("SMALL_URL", "")
        return {
            "pictures": [one | {"small": f"{small}/{_small(user, one['id'])}"} for one in found]
        }

    def new_device(self, user: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A telephone as SNS knows it; the same token again is the same one."""
        known = dict(
            zip(("ios", "android"), self.environment.get("PHONES", "").split(","), strict=False)
        )
        application, token = known.get(str(asked.get("platform"))), str(asked.get("token", ""))
        if not application or not token:
            raise Wrong(422, "Give platform (ios or android) and token.")
        made = self.clients["sns"].create_platform_endpoint(
            PlatformApplicationArn=application, Token=token
        )
        self.store.add_device(made["EndpointArn"], user)
        return {"device": made["EndpointArn"]}

    def new_message(self, user: str, asked: dict[str, Any]) -> dict[str, Any]:
        """To one person, in the order in which they were written: a person's messages share a shard."""
        to, text = str(asked.get("to", "")), str(asked.get("text", ""))[:1000]
        devices = self.store.devices(to)
        if not text or not devices:
            raise Wrong(422, "Give a text, and to: somebody with a telephone.")
        record = {"to": devices, "title": user, "body": text}
        stream = self.environment["MESSAGES_STREAM"]
        self.clients["kinesis"].put_record(
            StreamName=stream, Data=json.dumps(record).encode(), PartitionKey=to
        )
        return {"devices": len(devices)}

    def new_notice(self, user: str, asked: dict[str, Any]) -> dict[str, Any]:
        """To one's own telephones; their order does not matter, so a queue carries it."""
        text, devices = str(asked.get("text", ""))[:1000], self.store.devices(user)
        if not text or not devices:
            raise Wrong(422, "Give a text, and register a telephone first.")
        notice = {"to": devices, "title": "Notice", "body": text}
        self.clients["sns"].publish(
            TopicArn=self.environment["NOTICES_TOPIC"], Message=json.dumps(notice)
        )
        return {"devices": len(devices)}


def _object(user: str, key: str) -> str:
    return f"{quote(user, safe='')}/{key}"


def _small(user: str, key: str) -> str:
    """Where the function `thumbnail` puts it."""
    return quote(f"thumbnails/{_object(user, key)}.webp")


def asked(body: bytes) -> dict[str, Any]:
    """Raises Wrong for what is too long or no object of JSON."""
    if len(body) > BODY_LIMIT_BYTES:
        raise Wrong(413, "That is too long.")
    try:
        found = json.loads(body)
    except ValueError:
        raise Wrong(400, "This is no JSON.") from None
    if not isinstance(found, dict):
        raise Wrong(400, "This is no JSON object.")
    return found


class Handler(BaseHTTPRequestHandler):
    """JSON in, JSON out. `/healthz` asks nothing behind it: a database that is away takes no pod out."""

    api: Api
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            self._answer(200, {"ok": True})
        elif path == "/v1/pictures":
            self._served(200, self.api.pictures)
        else:
            self._answer(404, {"error": "There is nothing here."})

    def do_POST(self) -> None:
        """The body is read whatever becomes of it: what is left of it would be taken for the next request."""
        length = int(self.headers.get("Content-Length") or 0)
        self.close_connection = length > BODY_LIMIT_BYTES
        body = self.rfile.read(min(length, BODY_LIMIT_BYTES + 1))
        acts = {
            "/v1/pictures": self.api.new_picture,
            "/v1/devices": self.api.new_device,
            "/v1/messages": self.api.new_message,
            "/v1/notices": self.api.new_notice,
        }
        act = acts.get(urlsplit(self.path).path)
        if act is None:
            self._answer(404, {"error": "There is nothing here."})
        else:
            self._served(201, lambda user: act(user, asked(body)))

    def _served(self, status: int, act: Any) -> None:
        try:
            self._answer(status, act(self.api.who(self.headers.get("Authorization", ""))))
        except Wrong as error:
            self._answer(error.status, {"error": str(error)})
        except Exception as error:  # noqa: BLE001  the caller learns that it failed, the log why
            self.log_error("%s: %s", type(error).__name__, error)
            self._answer(503, {"error": "Try again in a moment."})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code: int | str = "-", _size: int | str = "-") -> None:
        """One line of JSON; load balancers ask too often to be told of."""
        if self.path != "/healthz":
            said = {"method": self.command, "path": urlsplit(self.path).path, "status": int(code)}
            print(json.dumps(said), flush=True)


def main() -> None:
    environment = dict(os.environ)
    Handler.api = Api(environment, opened(environment))
    server = ThreadingHTTPServer(("0.0.0.0", int(environment.get("PORT", "8080"))), Handler)
    server.daemon_threads = False  # what has begun is answered
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()

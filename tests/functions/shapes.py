"""Events as AWS's documentation shows them, field for field; each gives a whole one."""

import base64
from typing import Any

from tests.aws.emulator import ACCOUNT, REGION


def stream(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": list(records)}


def stream_record(
    image: dict[str, Any] | None, number: int = 1, what: str = "INSERT"
) -> dict[str, Any]:
    """Of a DynamoDB stream with the view type NEW_IMAGE."""
    inner: dict[str, Any] = {
        "ApproximateCreationDateTime": 1693997155.0,
        "Keys": {name: (image or {}).get(name, {"S": "x"}) for name in ("pk", "sk")},
        "SequenceNumber": f"{number:021d}",
        "SizeBytes": 512,
        "StreamViewType": "NEW_IMAGE",
    }
    return {
        "eventID": f"c4ca4238a0b923820dcc509a6f75849{number % 10}",
        "eventName": what,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": inner if image is None else inner | {"NewImage": image},
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/log/stream/2026-11-30T00:00:00.000",
    }


def bus_event(**values: Any) -> dict[str, Any]:
    """Of EventBridge; here one that AWS itself sends."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": ACCOUNT,
        "time": "2026-11-30T18:43:48Z",
        "region": REGION,
        "resources": [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1234567890abcdef0"],
        "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"},
    } | values


def queue_message(body: str, number: int = 1) -> dict[str, Any]:
    """Of an SQS queue."""
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-66197500000{number % 10}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "awsRegion": REGION,
    }


def stream_of_kinesis(data: str, number: int = 1) -> dict[str, Any]:
    """A record of a Kinesis stream."""
    sequence = f"{49590338271490256608559692538361571095921575989136588898 + number}"
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": sequence,
            "data": base64.b64encode(data.encode()).decode(),
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000006:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/lambda-role",
        "awsRegion": REGION,
        "eventSourceARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
    }


def put_record(bucket: str, key: str, **values: Any) -> dict[str, Any]:
    """Of an S3 notification; `key` as S3 encodes it."""
    name, size, version = (values.get(one) for one in ("name", "size", "version"))
    inner: dict[str, Any] = {
        "key": key,
        "size": 1024 if size is None else size,
        "eTag": "0123456789abcdef0123456789abcdef",
        "sequencer": "0A1B2C3D4E5F678901",
    }
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-30T00:00:00.000Z",
        "eventName": name or "ObjectCreated:Put",
        "userIdentity": {"principalId": "EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "EXAMPLE123456789", "x-amz-id-2": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "thumbnails",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "EXAMPLE"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": inner | ({"versionId": version} if version else {}),
        },
    }


def test_event(bucket: str) -> dict[str, Any]:
    """What S3 sends once when a notification is set up."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": "2026-11-30T00:00:00.000Z",
        "Bucket": bucket,
        "RequestId": "5582815E1AEA5ADF",
        "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
    }


test_event.__test__ = False  # type: ignore[attr-defined]


def proxy_2(body: str = "", **values: Any) -> dict[str, Any]:
    """Of an HTTP API, payload format 2.0: header names in lower case, cookies apart."""
    given = {
        "method": "POST", "headers": {}, "cookies": [], "source": "203.0.113.7", "encoded": False,
    } | values  # fmt: skip
    path = "/api/v1/session"
    event = {
        "version": "2.0",
        "routeKey": f"ANY {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.com"}
        | given["headers"],
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "api-id",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": given["method"],
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": given["source"],
                "userAgent": "a test",
            },
            "requestId": "id",
            "routeKey": f"ANY {path}",
            "stage": "$default",
            "time": "30/Nov/2026:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "body": _body(body, given["encoded"]),
        "isBase64Encoded": given["encoded"],
    }
    return event | ({"cookies": given["cookies"]} if given["cookies"] else {})


def proxy_1(body: str = "", **values: Any) -> dict[str, Any]:
    """Of a REST API, payload format 1.0: header names as they were sent, each also as a list."""
    given = {
        "method": "POST", "headers": {}, "cookies": [], "source": "203.0.113.7", "encoded": False,
    } | values  # fmt: skip
    path = "/api/v1/session"
    headers = {"Content-Type": "application/json", "Host": "api.example.com"} | {
        name.title(): value for name, value in given["headers"].items()
    }
    if given["cookies"]:
        headers["Cookie"] = "; ".join(given["cookies"])
    return {
        "version": "1.0",
        "resource": path,
        "path": path,
        "httpMethod": given["method"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "id",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "extendedRequestId": "request-id",
            "httpMethod": given["method"],
            "identity": {"sourceIp": given["source"], "userAgent": "a test"},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": "id=",
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": None,
            "resourcePath": path,
            "stage": "$default",
        },
        "pathParameters": None,
        "stageVariables": None,
        "body": _body(body, given["encoded"]) or None,
        "isBase64Encoded": given["encoded"],
    }


def _body(text: str, encoded: bool) -> str:
    return base64.b64encode(text.encode()).decode() if encoded else text

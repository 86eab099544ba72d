"""A picture in a bucket → a small one beside it; what is none says why, and nothing triggers itself."""

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from bongsu.aws import clients
from bongsu.functions import thumbnail
from bongsu.kit.errors import Invalid
from bongsu.notes import model, thumbs
from tests.aws import emulator
from tests.aws.emulator import client, keys, log_bucket
from tests.functions.shapes import put_record, test_event


@pytest.fixture(scope="module")
def aws():
    with emulator.emulator() as address:
        clients._made.cache_clear()
        log_bucket(address, "pictures")
        log_bucket(address, "small")
        yield address
    clients._made.cache_clear()


@pytest.fixture(autouse=True)
def _settings(aws, monkeypatch):
    emulator.credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)


def picture(width: int = 640, height: int = 400, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#345995").save(out, kind)
    return out.getvalue()


def put(aws: str, key: str, body: bytes, **values: Any) -> Any:
    return client("s3", aws).put_object(Bucket="pictures", Key=key, Body=body, **values)


def run(*records: dict[str, Any]) -> list[dict[str, str]]:
    return thumbnail.handler({"Records": list(records)}, None)["records"]


def test_eventbridge_tells_of_a_picture_with_its_key_as_it_is(aws):
    put(aws, "trip/100%+1 a.png", picture())
    detail = {"bucket": {"name": "pictures"}, "object": {"key": "trip/100%+1 a.png", "size": 9}}
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}

    (outcome,) = thumbnail.handler(event, None)["records"]

    assert outcome["made"] == "thumbnails/trip/100%+1 a.png.webp"


def test_a_picture_gets_a_small_one_under_the_prefix_with_its_size_and_source(aws):
    put(aws, "trip/red flower+1.png", picture())
    (outcome,) = run(put_record("pictures", "trip/red+flower%2B1.png"))

    name = "thumbnails/trip/red flower+1.png.webp"
    assert name == outcome["made"]
    found = client("s3", aws).get_object(Bucket="pictures", Key=name)
    assert "image/webp" == found["ContentType"]
    assert {
        "width": "320", "height": "200", "source": "trip/red%20flower%2B1.png", "source-version": "",
    } == found["Metadata"]  # fmt: skip
    with Image.open(io.BytesIO(found["Body"].read())) as made:
        assert ("WEBP", (320, 200)) == (made.format, made.size)


def test_a_key_in_korean_is_read_as_it_was_written(aws):
    put(aws, "사진/꽃 한 송이.jpg", picture(kind="JPEG"))
    encoded = "%EC%82%AC%EC%A7%84/%EA%BD%83+%ED%95%9C+%EC%86%A1%EC%9D%B4.jpg"
    (outcome,) = run(put_record("pictures", encoded))

    assert "thumbnails/사진/꽃 한 송이.jpg.webp" == outcome["made"]


def test_several_records_each_have_their_outcome(aws):
    put(aws, "a.png", picture())
    put(aws, "b.txt", b"no picture")
    records = [put_record("pictures", key) for key in ("a.png", "b.txt", "gone.png")]

    outcomes = run(*records)
    assert ["made", "refused", "passed_over"] == [list(one)[-1] for one in outcomes]
    assert "it is gone again" == outcomes[2]["passed_over"]


def test_of_a_versioned_key_the_version_that_was_put_is_made_small(aws):
    versions = {"Status": "Enabled"}
    client("s3", aws).put_bucket_versioning(Bucket="small", VersioningConfiguration=versions)
    first = client("s3", aws).put_object(Bucket="small", Key="v.png", Body=picture(300, 100))
    client("s3", aws).put_object(Bucket="small", Key="v.png", Body=picture(100, 300))
    run(put_record("small", "v.png", version=first["VersionId"]))

    found = client("s3", aws).head_object(Bucket="small", Key="thumbnails/v.png.webp")
    assert ("300", "100") == (found["Metadata"]["width"], found["Metadata"]["height"])
    assert first["VersionId"] == found["Metadata"]["source-version"]


def test_its_own_small_pictures_make_no_smaller_ones(aws):
    put(aws, "loop.png", picture())
    (made,) = run(put_record("pictures", "loop.png"))
    before = len(keys(aws, "pictures"))
    (again,) = run(put_record("pictures", made["made"]))

    assert "it is a small picture of ours" == again["passed_over"]
    assert before == len(keys(aws, "pictures"))


def test_small_ones_may_go_into_a_bucket_of_their_own(aws, monkeypatch):
    monkeypatch.setenv("BONGSU_THUMBNAIL_BUCKET", "small")
    monkeypatch.setenv("BONGSU_THUMBNAIL_PREFIX", "")
    put(aws, "thumbnails/deep.png", picture())
    (outcome,) = run(put_record("pictures", "thumbnails/deep.png"))

    assert "thumbnails/deep.png.webp" == outcome["made"]
    assert "thumbnails/deep.png.webp" in keys(aws, "small")


def test_no_prefix_in_the_same_bucket_is_refused_before_it_can_go_round(monkeypatch):
    monkeypatch.setenv("BONGSU_THUMBNAIL_PREFIX", "")

    with pytest.raises(Invalid, match="BONGSU_THUMBNAIL_PREFIX is empty"):
        run(put_record("pictures", "a.png"))


def test_what_is_no_picture_says_why_in_its_tags_and_keeps_its_others(aws):
    put(aws, "bad.svg", b"<svg><script>alert(1)</script></svg>", Tagging="team=shop")
    (outcome,) = run(put_record("pictures", "bad.svg"))

    tags = client("s3", aws).get_object_tagging(Bucket="pictures", Key="bad.svg")["TagSet"]
    assert "PNG, JPEG" in outcome["refused"]
    assert {
        "team": "shop",
        "thumbnail": "refused",
        "thumbnail-reason": "This is no PNG  JPEG  GIF  WebP or AVIF picture  or its head is damaged.",
    } == {one["Key"]: one["Value"] for one in tags}
    assert "thumbnails/bad.svg.webp" not in keys(aws, "pictures")


def test_a_large_object_is_refused_by_its_size_alone(aws):
    put(aws, "huge.png", b"x")
    size = thumbnail.SOURCE_LIMIT_BYTES + 1
    (outcome,) = run(put_record("pictures", "huge.png", size=size))

    assert "it is larger than 25 MiB" == outcome["refused"]


def test_the_limit_is_that_of_attachments():
    assert model.FILE_BYTES == thumbnail.SOURCE_LIMIT_BYTES


def test_a_bomb_is_refused_without_being_unpacked(aws):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    put(aws, "bomb.png", out.getvalue())
    (outcome,) = run(put_record("pictures", "bomb.png"))

    assert f"far more than {thumbs.PIXELS_LIMIT // 1_000_000} megapixels" in outcome["refused"]


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "ObjectRestore:Completed"])
def test_other_news_of_a_bucket_is_passed_over(name):
    (outcome,) = run(put_record("pictures", "a.png", name=name))

    assert f"{name}: nothing was put" == outcome["passed_over"]


def test_the_test_event_of_s3_does_nothing():
    assert {"records": []} == thumbnail.handler(test_event("pictures"), None)


def test_a_fault_of_theirs_is_raised_after_the_others_were_made(aws, monkeypatch):
    put(aws, "one.png", picture())
    put(aws, "two.png", picture())
    real = thumbnail._data

    def first_fails(one: thumbnail.Put) -> bytes:
        if one.key == "one.png":
            raise ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
        return real(one)

    monkeypatch.setattr(thumbnail, "_data", first_fails)
    with pytest.raises(ClientError, match="SlowDown"):
        run(put_record("pictures", "one.png"), put_record("pictures", "two.png"))

    assert "thumbnails/two.png.webp" in keys(aws, "pictures")
    assert "thumbnails/one.png.webp" not in keys(aws, "pictures")

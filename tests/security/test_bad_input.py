"""What nobody can mean: each is refused with words, in the sender's language, and changes nothing."""

from typing import Any

import pytest

from tests.security.house import House

HALF = '"\\ud800"'  # half of a character, as JSON writes it
DEEP = "[" * 600 + "]" * 600
HOME = '"http": "https://shop.example.com/"'
TRIGGER = ', "at_least": 1, "window_s": 60}'
RULE = '"do": [{"incident": {"severity": 2}}]'
API = [
    ("POST", "/checks", '{"service": "shop", "name": "x", "kind": "", ' + HOME + "}"),
    ("PUT", "/checks/{check}", '{"kind": "", "every": "2s"}'),
    ("PUT", "/checks/{check}", '{"kind": ' + HALF + "}"),
    ("POST", "/checks", '{"service": ' + HALF + ', "name": "x", ' + HOME + "}"),
    ("POST", "/checks", '{"service": "shop", "name": ' + HALF + ", " + HOME + "}"),
    ("POST", "/checks", '{"service": "shop", "name": "x", "http": ' + DEEP + "}"),
    ("POST", "/checks", '{"service": "shop", "name": "x", "expect": "x", ' + HOME + "}"),
    ("POST", "/services", '{"name": "x", "title": ' + HALF + "}"),
    ("POST", "/rules", '{"name": "x", "when": {"a": [' + HALF + "]}, " + RULE + "}"),
    ("POST", "/rules", '{"name": "x", "when": {' + HALF + ': ["a"]}, ' + RULE + "}"),
    ("POST", "/rules", '{"name": "x", "when": {"a": ["b"]}, "do": [{' + HALF + ": {}}]}"),
    ("POST", "/request-triggers", '{"name": "x", "pattern": {}, "title": ' + HALF + TRIGGER),
    ("POST", "/request-triggers", '{"name": "x", "title": "x", "pattern": {"a": ["b"]}' + TRIGGER),
    (
        "POST",
        "/request-triggers",
        '{"name": "x", "title": "x", "pattern": {"route": [' + HALF + "]}" + TRIGGER,
    ),
    ("POST", "/request-triggers/try", '{"pattern": ' + DEEP + "}"),
    ("POST", "/channels", '{"name": "x", "kind": "mail", "options": {"to": []}}'),
    ("POST", "/config/apply", '{"files": [{"name": "a", "text": "services: &a\\n  x: *a\\n"}]}'),
    ("POST", "/config/apply", '{"files": [{"name": "a", "text": "services: ' + "[" * 3000 + '"}]}'),
]
FORMS = [
    ("/services/shop/checks/new", {"name": "x", "kind": "http", "confirm": "²"}),
    ("/services/shop/checks/new", {"name": "x", "kind": "http", "recover": "9" * 5000}),
    ("/people/teams/new", {"name": "x", "members": "9" * 5000}),
    ("/requests/triggers", {"name": "x", "title": "x", "pattern": "[" * 10_000, "at_least": "²"}),
    ("/requests/triggers/try", {"pattern": "{}", "at_least": "9" * 5000, "window_s": "x"}),
    ("/rules", {"name": "x", "when": "[" * 10_000, "do": "[]"}),
    ("/rules", {"name": "x", "when": '{"a": [' + HALF + "]}", "do": "[]"}),
]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_no_body_of_the_api_ends_in_a_fault_of_ours(fresh: Any, language: str) -> None:
    house: House = fresh()
    before, wrong = house.dump(), []
    async with house.client("admin", **{"accept-language": language}) as alice:
        for method, path, body in API:
            url = f"/api/v1{house.url(path)}"
            answer = await alice.request(method, url, content=body.encode(), headers=JSON)
            said = answer.json()["error"]
            texts = [said["message"], *(p["what"] for p in said["problems"])]
            if answer.status_code != 422 or not all(map(_is_in(language), texts)):
                wrong.append((method, path, body[:80], answer.status_code, texts))
    assert wrong == []
    assert house.dump() == before


def _is_in(language: str) -> Any:
    """Korean has at least one Korean letter in each sentence."""
    return lambda text: language == "en" or any("가" <= letter <= "힣" for letter in text)


async def test_no_form_ends_in_a_fault_of_ours(fresh: Any) -> None:
    house: House = fresh()
    before, wrong = house.dump(), []
    async with house.client("admin", accept="text/html") as alice:
        for path, form in FORMS:
            answer = await alice.post(path, data=form)
            if answer.status_code != 422:
                wrong.append((path, str(form)[:80], answer.status_code))
    assert wrong == []
    assert house.dump() == before


async def test_a_file_in_place_of_a_text_is_no_text(fresh: Any) -> None:
    house: House = fresh()
    async with house.client("admin", accept="text/html") as alice:
        await alice.post("/services/new", data={"name": "odd"}, files={"title": ("a", b"hi")})
        page = await alice.get("/services")
    assert "UploadFile" not in page.text


async def test_a_refused_form_does_not_repeat_a_secret(fresh: Any) -> None:
    house: House = fresh()
    form = {"name": "x", "kind": "webhook", "options.url": "https://a.example.com/"}
    async with house.client("admin", accept="text/html") as alice:
        answer = await alice.post("/channels", data=form | {"options.secret": "clear-SECRET"})
    assert answer.status_code == 422
    assert "clear-SECRET" not in answer.text


@pytest.mark.parametrize(("language", "words"), [("en", "in UTF-8"), ("ko", "UTF-8 JSON")])
async def test_a_body_that_is_no_text_is_refused_in_words(
    fresh: Any, language: str, words: str
) -> None:
    house: House = fresh()
    async with house.client("admin", **{"accept-language": language}) as alice:
        body = b'{"name": "\xff\xfe"}'
        answer = await alice.post("/api/v1/services", content=body, headers=JSON)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]

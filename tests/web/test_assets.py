"""Static files: named by content, kept for ever, small enough, and nothing inline anywhere."""

import gzip
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from bongsu.web.assets import BUNDLE, HERE, STATIC, assets, static_app, static_url
from bongsu.web.shell import PACKAGE
from tools.vendor import MANIFESTS, wrong_files

TEMPLATES = sorted(p for p in PACKAGE.rglob("*.html") if "mail" not in p.stem)
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
SHEETS = sorted([*STATIC.rglob("*.css"), *(HERE / "components").glob("*.css")])


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.mount("/static", static_app())
    return TestClient(app)


def test_a_file_is_kept_for_ever_under_its_hash(client: TestClient) -> None:
    answer = client.get(static_url("js/live.js"))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == (STATIC / "js" / "live.js").read_bytes()


def test_a_page_from_before_an_update_gets_todays_file_but_may_not_keep_it(
    client: TestClient,
) -> None:
    answer = client.get("/static/0123456789ab/js/live.js")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_what_is_known_already_is_not_sent_again(client: TestClient) -> None:
    url = static_url(BUNDLE)
    etag = client.get(url).headers["etag"]

    again = client.get(url, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_text_travels_packed_only_where_that_is_understood(client: TestClient) -> None:
    url = static_url(BUNDLE)

    packed, plain = client.get(url), client.get(url, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(plain.headers["content-length"]) == len(plain.content)


@pytest.mark.parametrize("path", ["nothing.js", "../shell.py", "%2e%2e/shell.py", "js/", ""])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{assets().version}/{path}").status_code == 404


def test_other_methods_are_refused_and_head_is_answered(client: TestClient) -> None:
    url = static_url("js/live.js")

    assert client.post(url).status_code == 405
    head = client.head(url)
    assert (head.status_code, head.content) == (200, b"")


def test_a_link_to_a_missing_file_is_a_bug() -> None:
    with pytest.raises(KeyError, match=r"no static file 'css/nothing\.css'"):
        static_url("css/nothing.css")


def test_the_bundle_names_the_layers_first() -> None:
    css = assets().files[BUNDLE].body.decode()

    assert css.index("@layer reset, tokens, base, components, room;") < css.index("@layer tokens {")
    assert ".beacons" in css


def test_style_sheets_fit_in_30_kb() -> None:
    rooms = [p.read_bytes() for p in (STATIC / "css" / "rooms").glob("*.css")]

    assert len(gzip.compress(assets().files[BUNDLE].body + b"".join(rooms))) <= 30_000


def test_own_scripts_as_sent_fit_in_30_kb_and_each_in_250_lines() -> None:
    """All rooms' together: half of their 60 kB, measured as the style sheets are."""
    assert sum(len(gzip.compress(p.read_bytes(), 6)) for p in SCRIPTS) <= 30_000
    assert {p.name: n for p in SCRIPTS if (n := len(p.read_text().splitlines())) > 250} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_template_has_no_inline_style_and_no_inline_script(path: Path) -> None:
    """The policy refuses both, silently for styles: it would show as a broken page and nothing else."""
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert re.findall(r"\sstyle\s*=", source) == []
    assert re.findall(r"<style\b|javascript:|\son[a-z]+\s*=\s*[\"']", source) == []
    assert [s for s in re.findall(r"<script\b[^>]*>", source) if "src=" not in s] == []
    assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.name)
def test_a_style_sheet_stays_in_its_layer_and_fetches_nothing(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert "@layer" in source
    assert "url(" not in source
    assert "@import" not in source


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_a_script_builds_no_code_from_text(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert re.findall(r"\beval\(|new Function|document\.write", source) == []
    assert re.findall(r"https?://(?!www\.w3\.org)", source) == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda p: p.parent.name)
def test_vendored_files_are_as_they_were_published(manifest: Path) -> None:
    assert wrong_files(manifest) == []


def test_a_changed_vendored_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "x-1").mkdir()
    (tmp_path / "x-1" / "a.js").write_text("changed")
    (tmp_path / "extra.js").write_text("")
    manifest = tmp_path / "VENDORED.toml"
    manifest.write_text(
        '[[vendored]]\nname="x"\nversion="1"\n[vendored.files]\n"a.js"="00"\n"b.js"="00"\n'
    )

    found = wrong_files(manifest)

    assert found[0] == "not named in VENDORED.toml: extra.js"
    assert found[1].startswith("changed: x-1/a.js")
    assert found[2] == "missing: x-1/b.js"

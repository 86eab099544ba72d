"""What a file is: by its first bytes, never by its name."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.notes.kinds import KINDS, claimed_by, is_picture, kind_of, media_type, mismatch, title
from bongsu.notes.model import NAME_CHARS, clean_name, link_name
from tests.notes import pictures as files


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a", "b")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        *((files.picture(name), name.lower()) for name in files.FORMATS),
        (files.SVG, "svg"),
        (b'<svg onload="alert(1)">', "svg"),
        (files.HTML, "html"),
        (b"\xef\xbb\xbf\n  <HTML><body>", "html"),
        (b"<!-- x --><script>alert(1)</script>", "html"),
        (b"<img src=x onerror=alert(1)>", "html"),
        (b'<?xml version="1.0"?><a/>', "xml"),
        (b"%PDF-1.7\n", "pdf"),
        (zipped(), "zip"),
        (gzip.compress(b"x"), "gzip"),
        (b"MZ\x90\x00", "program"),
        (b"\x7fELF\x02", "program"),
        (b"\0\0\0\x18ftypheic", "heic"),
        (b"\0\0\0\x18ftypisom", "video"),
        (b"plain words\n", "text"),
        ("한국어".encode()[:-1], "text"),
        (b'{"a": 1}', "text"),
        (b"<a.b@example.com> wrote:", "text"),
        (b"", "text"),
        (b"\x00\x01\x02", "other"),
        (b"\xff\xfe\xfd", "other"),
        (b"GIF89", "text"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_is(data: bytes, kind: str) -> None:
    assert kind_of(data[:8192]) == kind


@pytest.mark.parametrize(
    ("name", "kind", "claimed"),
    [
        ("cat.png", "html", "png"),
        ("cat.png", "jpeg", "png"),
        ("cat.PNG", "png", None),
        ("cat.jpg", "jpeg", None),
        ("report.docx", "zip", None),
        ("report.pdf", "program", "pdf"),
        ("notes.txt", "html", None),
        ("page.html", "svg", "html"),
        ("log", "text", None),
        ("data.bin", "zip", None),
        ("", "text", None),
    ],
)  # fmt: skip
def test_a_name_that_promises_something_else_is_noticed(name, kind, claimed) -> None:
    assert mismatch(name, kind) == claimed


def test_only_pictures_have_a_type_that_a_browser_shows() -> None:
    shown = {kind: media_type(kind) for kind in KINDS if is_picture(kind)}

    assert {*shown} == {"png", "jpeg", "gif", "webp", "avif"}
    assert all(one.startswith("image/") for one in shown.values())
    assert {media_type(kind) for kind in KINDS if not is_picture(kind)} == {
        "application/octet-stream"
    }
    assert media_type("no such kind") == "application/octet-stream"
    assert title("no such kind") == title("other")


@given(st.binary(max_size=200))
def test_every_file_is_of_some_kind(data: bytes) -> None:
    assert kind_of(data) in KINDS


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("cat\x00\r\n.png", "cat .png"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("...hidden", "hidden"),
        ("  a   b  ", "a b"),
        ("\u1112\u1161\u11ab.txt", "한.txt"),
        ("", "file"),
        (None, "file"),
        ("..", "file"),
        ("/", "file"),
        ("x" * 300 + ".png", "x" * (NAME_CHARS - 4) + ".png"),
        ("x" * 300, "x" * NAME_CHARS),
        ("a\ud800b", "a b"),
    ],
)  # fmt: skip
def test_a_name_is_made_plain(given_name, name) -> None:
    assert clean_name(given_name) == name


@given(st.text(max_size=400))
def test_every_name_can_be_kept_shown_and_linked(text: str) -> None:
    name = clean_name(text)

    assert 0 < len(name) <= NAME_CHARS
    assert name == clean_name(name)
    assert claimed_by(name) in {None, *KINDS}
    assert "/" not in link_name(name)
    assert link_name(name) not in {"thumb", "view", ".", ".."}

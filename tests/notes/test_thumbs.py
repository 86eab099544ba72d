"""Small pictures of good, large, damaged and hostile files."""

import io
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bongsu.notes.thumbs import PIXELS_LIMIT, Pictures, Refused, Thumb, make_pictures, make_thumb
from tests.notes import pictures as files
from tests.notes.pictures import FORMATS, exif, file_of, gradient, picture

DAMAGED = "The picture is cut off or damaged."
UNKNOWN = "This is no PNG, JPEG, GIF, WebP or AVIF picture, or its head is damaged."


def thumb(data: bytes, longest_px: int = 320) -> Image.Image:
    made = make_thumb(data, longest_px)
    assert isinstance(made, Thumb), made
    shown = Image.open(io.BytesIO(made.webp))
    assert (shown.format, shown.size) == ("WEBP", (made.width, made.height))
    return shown.convert("RGBA")


def reason(data: bytes) -> str:
    made = make_pictures(data)
    assert isinstance(made, Refused)
    return str(made.reason)


def corners(shown: Image.Image) -> list[tuple[bool, bool]]:
    """Whether each corner is red, is blue: top left, top right, bottom left, bottom right."""
    right, bottom = shown.width - 1, shown.height - 1
    pixels = [shown.getpixel(at) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))]
    return [(p[0] > 128, p[2] > 128) for p in pixels]  # type: ignore[index, misc]


UPRIGHT = corners(gradient(64, 48).convert("RGBA"))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_made_small(name: str) -> None:
    shown = thumb(picture(name, 900, 600))

    assert shown.size == (320, 213)
    assert corners(shown) == UPRIGHT


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_enlarged(name: str) -> None:
    assert thumb(picture(name, 20, 10)).size == (20, 10)


@pytest.mark.parametrize(
    ("size", "small"), [((5000, 1), (320, 1)), ((1, 5000), (1, 320)), ((1, 1), (1, 1))]
)
def test_a_line_stays_a_line(size, small) -> None:
    assert thumb(picture("PNG", *size)).size == small


def test_several_sizes_are_made_of_one_reading() -> None:
    made = make_pictures(picture("JPEG", 3000, 1500))

    assert isinstance(made, Pictures)
    assert [(one.width, one.height) for one in made.sizes] == [(2048, 1024), (320, 160)]
    assert (made.width, made.height) == (3000, 1500)


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_a_picture_stands_upright(name: str, turned: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    lying = gradient(400, 200)
    if turned > 1:
        lying = lying.transpose(Image.Transpose(undo[turned]))

    made = make_pictures(file_of(lying, name, exif=exif(turned).tobytes()), (320,))

    assert isinstance(made, Pictures)
    assert (made.width, made.height) == (400, 200)
    assert corners(thumb(file_of(lying, name, exif=exif(turned).tobytes()))) == UPRIGHT


def test_an_orientation_that_does_not_exist_is_ignored() -> None:
    assert corners(thumb(picture("JPEG", exif=exif(77).tobytes()))) == UPRIGHT


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_nothing_but_the_picture_is_left(name: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = picture(name, 900, 600, exif=exif(6).tobytes(), icc_profile=profile)
    assert files.SECRET in data or name == "PNG"

    made = make_pictures(data)

    assert isinstance(made, Pictures)
    for one in made.sizes:
        shown = Image.open(io.BytesIO(one.webp))
        assert not {"exif", "icc_profile", "xmp", "comment"} & {*shown.info}
        assert dict(shown.getexif()) == {}
        assert b"EXIF" not in one.webp
        assert b"ICCP" not in one.webp
        assert files.SECRET not in one.webp


def test_a_comment_is_left_behind_too() -> None:
    data = picture("JPEG", comment=files.SECRET)
    assert files.SECRET in data

    made = make_thumb(data)

    assert isinstance(made, Thumb)
    assert files.SECRET not in made.webp


def test_only_the_first_picture_of_a_moving_one_is_taken() -> None:
    frames = [gradient(60, 60), *(Image.new("RGB", (60, 60), "white") for _ in range(20))]

    for name in ("GIF", "WEBP", "PNG", "AVIF"):
        moving = file_of(frames[0], name, save_all=True, append_images=frames[1:])
        assert corners(thumb(moving)) == UPRIGHT, name


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    plain = gradient(700, 500).convert("L") if mode == "I;16" else gradient(700, 500)
    made = Image.new("I;16", (700, 500), 32_896) if mode == "I;16" else plain.convert(mode)

    shown = thumb(file_of(made, "PNG"))

    assert shown.size == (320, 229)
    if mode == "I;16":
        assert shown.getpixel((9, 9)) == pytest.approx((128, 128, 128, 255), abs=2)


def test_colours_for_printing_are_read() -> None:
    assert corners(thumb(file_of(gradient(64, 48).convert("CMYK"), "JPEG"))) == UPRIGHT


def test_what_is_transparent_stays_so() -> None:
    clear = Image.new("RGBA", (3000, 2000), (255, 0, 0, 0))
    palette = clear.quantize(4)

    for shown in (thumb(file_of(clear, "PNG")), thumb(file_of(palette, "PNG"))):
        assert shown.getpixel((5, 5))[3] == 0  # type: ignore[index]


# --- what is too large


def test_fifty_megapixels_are_made_small_in_little_memory() -> None:
    """JPEG is read at a quarter of its size: never more than some megapixels are in memory."""
    data = files.photograph()

    made = make_pictures(data)

    assert isinstance(made, Pictures)
    assert (made.width, made.height) == (8660, 5774)
    assert [(one.width, one.height) for one in made.sizes] == [(2048, 1366), (320, 213)]


def test_too_many_pixels_are_refused_before_one_is_unpacked() -> None:
    bomb = files.png_bomb()
    tracemalloc.start()

    said = reason(bomb)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said == "It has far more than 64 megapixels."
    assert peak < 4 << 20
    assert len(bomb) < 200_000


def test_the_reason_names_the_megapixels_and_the_limit() -> None:
    assert PIXELS_LIMIT == 64_000_000
    data = files.png(8001, 8000, files.chunk(b"IDAT", b""))

    assert reason(data) == "It has 64.0 megapixels; the most is 64."
    assert (
        make_pictures(data).reason.to("ko") == "64.0메가픽셀입니다. 64메가픽셀까지만 줄여 그립니다."
    )  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [(65_535, 65_535), (65_535, 1000), (30_000, 3000)])
def test_a_head_that_promises_much_is_refused(size: tuple[int, int]) -> None:
    import struct

    gif = (
        b"GIF89a"
        + struct.pack("<HHBBB", *size, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
        + b"\2\1\0\0;"
    )
    jpeg = picture("JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg = jpeg[:at] + struct.pack(">HH", size[1], size[0]) + jpeg[at + 4 :]

    assert "megapixels" in reason(gif)
    assert "megapixels" in reason(jpeg)


@pytest.mark.parametrize("bomb", [files.text_bomb, files.profile_bomb])
def test_what_is_packed_beside_a_picture_is_not_unpacked(bomb) -> None:
    tracemalloc.start()

    made = make_pictures(bomb())

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(made, Refused | Pictures)
    assert peak < 32 << 20


# --- what is no picture, or not a whole one


OTHERS = [
    b"", b"x", files.SVG, files.HTML, b"%PDF-1.7\n", b"BM" + bytes(60), b"II*\0" + bytes(60),
    b"\0\0\1\0" + bytes(60), b"P6 1 1 255 abc", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS" + bytes(60),
]  # fmt: skip


@pytest.mark.parametrize("data", OTHERS)
def test_what_is_no_picture_of_ours_is_refused(data: bytes) -> None:
    """Also formats that Pillow would read: each is a door."""
    assert reason(data) == UNKNOWN


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_picture_that_is_cut_off_says_so(name: str, kept: float) -> None:
    data = picture(name, 640, 480)
    if name == "JPEG":
        data = file_of(gradient(640, 480), name, quality=95)

    assert reason(data[: int(len(data) * kept)]) in {DAMAGED, UNKNOWN}


@pytest.mark.parametrize("name", FORMATS)
def test_a_head_alone_is_refused(name: str) -> None:
    for length in range(4, 60, 7):
        assert reason(picture(name)[:length]) in {DAMAGED, UNKNOWN}


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(FORMATS),
    st.lists(
        st.tuples(st.integers(0, 100_000), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=8,
    ),
)
def test_whatever_a_file_says_the_answer_is_a_picture_or_a_reason(
    name: str, changes: list[tuple[int, bytes]]
) -> None:
    data = bytearray(picture(name, 40, 30))
    for at, value in changes:
        data[at % len(data) : at % len(data) + len(value)] = value

    assert isinstance(make_pictures(bytes(data)), Pictures | Refused)


def test_the_module_needs_neither_database_nor_server() -> None:
    """The function of a cloud imports it."""
    code = "import sys; from bongsu.notes.thumbs import make_thumb; print(*sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"sqlalchemy", "fastapi", "starlette", "pydantic", "markdown_it"} & {
        *found.stdout.split()
    }

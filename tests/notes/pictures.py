"""Files as people and their enemies send them, made by Pillow and by hand."""

import io
import os
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
ORIENTATION, GPS = 0x0112, 0x8825
SECRET = b"48.8584N 2.2945E"  # where a picture was taken
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html>\n<html><script>alert(document.cookie)</script></html>"


def gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Red to the right, blue downwards: what is turned is seen."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    made = Image.merge("RGB", (across, Image.new("L", (width, height), 40), down))
    return made.convert(mode)


def file_of(picture: Image.Image, format: str, **options: Any) -> bytes:  # noqa: A002
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def picture(format: str = "PNG", width: int = 64, height: int = 48, **options: Any) -> bytes:  # noqa: A002
    return file_of(gradient(width, height), format, **options)


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[0x010E] = SECRET.decode()
    made.get_ifd(GPS)[29] = "2026:11:21"
    return made


@cache
def photograph(width: int = 8660, height: int = 5774, **options: Any) -> bytes:
    """50 megapixels with something to see everywhere."""
    small = Image.frombytes(
        "RGB", (width // 16, height // 16), os.urandom(width // 16 * (height // 16) * 3)
    )
    return file_of(small.resize((width, height)), "JPEG", quality=88, **options)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, bits: int = 1, colour: int = 0) -> bytes:
    """A PNG by hand: the head says what it likes."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join([*parts, packer.compress(bytes(count & 0xFFFFF)), packer.flush()])


@cache
def png_bomb(side: int = 30_000) -> bytes:
    """900 megapixels in some 110 kB: whole and right, only far too large."""
    return png(side, side, chunk(b"IDAT", zeros((side // 8 + 1) * side)))


@cache
def text_bomb() -> bytes:
    """A small picture with a comment that unpacks to 256 MiB."""
    body = b"Comment\0\0" + zeros(256 << 20)
    return png(8, 8, chunk(b"zTXt", body), chunk(b"IDAT", zlib.compress(bytes(16))))


@cache
def profile_bomb() -> bytes:
    """A small picture with a colour profile that unpacks to 256 MiB."""
    body = b"x\0\0" + zeros(256 << 20)
    return png(8, 8, chunk(b"iCCP", body), chunk(b"IDAT", zlib.compress(bytes(16))))


@cache
def scan_bomb(copies: int = 60_000) -> bytes:
    """A progressive JPEG of 40 megapixels whose last pass comes again and again: hours of work in 5 MB."""
    whole = file_of(Image.new("RGB", (8000, 5000), (90, 90, 90)), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    end = whole.rindex(b"\xff\xd9")
    return whole[:end] + whole[last:end] * copies + whole[end:]


def zipped(files: dict[str, bytes]) -> bytes:
    """The same bytes on every day: workers compare the names of their tests."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return out.getvalue()


@cache
def zip_bomb() -> bytes:
    """Zips in a zip, 4 GiB of zeros in the end."""
    inner = zipped({"zeros": bytes(64 << 20)})
    return zipped({f"{number}.zip": inner for number in range(64)})

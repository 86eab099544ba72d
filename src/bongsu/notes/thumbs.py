"""Small pictures of pictures: bytes in, WebP out, everything else of the original left behind. Pure.

Strangers' files are read here, so whoever calls it for them does so in a process of its own with limits (pool.py)
or in a function of a cloud. Dimensions are looked at before anything is unpacked; no metadata, colour profile or
comment reaches the result: a picture does not tell where it was taken.
"""

import contextlib
import io
import warnings
from dataclasses import dataclass

from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from bongsu.kit.i18n import Said, say

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
THUMB_PX, VIEW_PX = 320, 2048  # of the longer side; nothing is enlarged
PIXELS_LIMIT = 64_000_000
_BAND_ROWS = 256
_ORIENTATION = 0x0112
_QUALITY = {True: 75, False: 82}  # of small ones, of larger ones
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


@dataclass(frozen=True, slots=True)
class Thumb:
    webp: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """`sizes` as they were asked for, largest first; width and height are of the original, upright."""

    sizes: tuple[Thumb, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Trying again cannot help."""

    reason: Said


def make_thumb(data: bytes, longest_px: int = THUMB_PX) -> Thumb | Refused:
    """Of the first frame, upright, at most `longest_px` long."""
    made = make_pictures(data, (longest_px,))
    return made if isinstance(made, Refused) else made.sizes[0]


def make_pictures(
    data: bytes, longest_px: tuple[int, ...] = (VIEW_PX, THUMB_PX)
) -> Pictures | Refused:
    """All sizes of one reading; the largest must come first. Raises MemoryError where memory is limited."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _made(data, longest_px)
    except UnidentifiedImageError:
        return Refused(
            say("This is no PNG, JPEG, GIF, WebP or AVIF picture, or its head is damaged.")
        )
    except Image.DecompressionBombError:
        return _too_many(None)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  decoders of damaged files raise whatever they come across
        return Refused(say("The picture is cut off or damaged."))


def _made(data: bytes, longest_px: tuple[int, ...]) -> Pictures | Refused:
    with Image.open(io.BytesIO(data), formats=FORMATS) as source:
        width, height = source.size
        if width * height > PIXELS_LIMIT:
            return _too_many(width * height)
        source.draft(
            None, _fit(source.size, longest_px[0])
        )  # JPEG is read at an eighth, a quarter, a half
        source.load()
        turn = _TURNS.get(_orientation(source))
        picture = _small(source, longest_px[0])
    if turn is not None:
        picture = picture.transpose(turn)
    if (
        turn is not None
        and turn >= Image.Transpose.ROTATE_90
        and turn != Image.Transpose.ROTATE_180
    ):
        width, height = height, width
    return Pictures(tuple(_encoded(picture, longest) for longest in longest_px), width, height)


def _too_many(pixels: int | None) -> Refused:
    limit = PIXELS_LIMIT // 1_000_000
    if pixels is None:
        return Refused(say("It has far more than {limit} megapixels.", limit=limit))
    n = f"{pixels / 1_000_000:,.1f}"
    return Refused(say("It has {n} megapixels; the most is {limit}.", n=n, limit=limit))


def _orientation(source: Image.Image) -> int:
    with contextlib.suppress(Exception):
        return int(source.getexif().get(_ORIENTATION, 1))
    return 1


def _fit(size: tuple[int, int], longest_px: int) -> tuple[int, int]:
    scale = min(1.0, longest_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _small(source: Image.Image, longest_px: int) -> Image.Image:
    """Band by band, so that no second copy of a large picture is made."""
    mode = "RGBA" if source.has_transparency_data else "RGB"
    goal = _fit(source.size, longest_px)
    factor = max(1, min(source.width // goal[0], source.height // goal[1]))
    size = (-(-source.width // factor), -(-source.height // factor))
    made = Image.new(mode, size)
    step = _BAND_ROWS * factor
    for top in range(0, source.height, step):
        band = source.crop((0, top, source.width, min(top + step, source.height)))
        made.paste(_plain(band, mode).reduce(factor), (0, top // factor))
    return made.resize(goal, Image.Resampling.LANCZOS) if goal != size else made


def _plain(band: Image.Image, mode: str) -> Image.Image:
    """Eight bits a channel; sixteen would be cut off at white, not scaled."""
    if band.mode.startswith("I"):
        band = band.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return band.convert(mode)


def _encoded(picture: Image.Image, longest_px: int) -> Thumb:
    size = _fit(picture.size, longest_px)
    sized = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    sized.save(out, "WEBP", quality=_QUALITY[longest_px <= THUMB_PX], method=3)
    return Thumb(out.getvalue(), *size)

"""What a file is, by its first bytes: never by its name, and never by what the sender calls it. Pure."""

import re
from dataclasses import dataclass

from bongsu.kit.i18n import Said, say

HEAD_BYTES = 8 << 10
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Kind:
    """`picture` is the media type of what a browser may show; everything else is only ever downloaded."""

    title: Said
    endings: tuple[str, ...] = ()
    picture: str = ""


KINDS: dict[str, Kind] = {
    "png": Kind(say("PNG picture"), ("png", "apng"), "image/png"),
    "jpeg": Kind(say("JPEG picture"), ("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    "gif": Kind(say("GIF picture"), ("gif",), "image/gif"),
    "webp": Kind(say("WebP picture"), ("webp",), "image/webp"),
    "avif": Kind(say("AVIF picture"), ("avif",), "image/avif"),
    "heic": Kind(say("HEIC picture"), ("heic", "heif")),
    "tiff": Kind(say("TIFF picture"), ("tif", "tiff")),
    "bmp": Kind(say("BMP picture"), ("bmp",)),
    "svg": Kind(say("SVG drawing"), ("svg",)),
    "html": Kind(say("HTML page"), ("html", "htm", "xhtml")),
    "xml": Kind(say("XML file"), ("xml",)),
    "pdf": Kind(say("PDF document"), ("pdf",)),
    "zip": Kind(
        say("ZIP archive"),
        ("zip", "jar", "docx", "xlsx", "pptx", "odt", "ods", "odp", "apk", "epub", "hwpx"),
    ),
    "gzip": Kind(say("gzip archive"), ("gz", "tgz")),
    "7z": Kind(say("7z archive"), ("7z",)),
    "rar": Kind(say("RAR archive"), ("rar",)),
    "ole": Kind(say("Office document"), ("doc", "xls", "ppt", "hwp", "msi")),
    "video": Kind(say("Video"), ("mp4", "mov", "m4v", "webm", "mkv")),
    "program": Kind(say("Program"), ("exe", "dll", "so")),
    "text": Kind(
        say("Text"),
        (
            "txt",
            "log",
            "md",
            "csv",
            "tsv",
            "json",
            "yaml",
            "yml",
            "toml",
            "ini",
            "conf",
            "sql",
            "sh",
            "py",
        ),
    ),
    OTHER: Kind(say("File")),
}
_BY_ENDING = {ending: name for name, kind in KINDS.items() for ending in kind.endings}
_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("png", rb"\x89PNG\r\n\x1a\n"),
        ("jpeg", rb"\xff\xd8\xff"),
        ("gif", rb"GIF8[79]a"),
        ("webp", rb"RIFF....WEBP"),
        ("avif", rb"....ftypavi[fs]"),
        ("heic", rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)"),
        ("video", rb"....ftyp|\x1aE\xdf\xa3"),
        ("tiff", rb"II\*\x00|MM\x00\*"),
        ("bmp", rb"BM.{4}\x00\x00\x00\x00"),
        ("pdf", rb"%PDF-"),
        ("zip", rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
        ("gzip", rb"\x1f\x8b"),
        ("7z", rb"7z\xbc\xaf\x27\x1c"),
        ("rar", rb"Rar!\x1a\x07"),
        ("ole", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("program", rb"MZ|\x7fELF"),
    )
)
_SVG = re.compile(r"<svg[\s>]", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|style|title|div|p|a|table|img|h1|br)[\s>/]",
    re.IGNORECASE,
)
_XML = re.compile(r"<\?xml\s|<!DOCTYPE\s+(?!html)", re.IGNORECASE)
_ROOT = re.compile(r"<html[\s>]", re.IGNORECASE)
_STRANGE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(head: bytes) -> str:
    """The name of the kind that a file with these first bytes is; `other` when nothing fits."""
    for name, pattern in _MAGIC:
        if pattern.match(head):
            return name
    text = _as_text(head[:HEAD_BYTES])
    if text is None:
        return OTHER
    start = text.lstrip("\ufeff \t\r\n")[:1024]
    if start.startswith("<") or _HTML.match(start):
        return _markup(start, text)
    return "text"


def _markup(start: str, text: str) -> str:
    """A drawing may hold scripts and links, and a page a drawing: the outermost element decides."""
    if _XML.match(start) or _SVG.match(start):
        return "svg" if _SVG.search(text) else "html" if _ROOT.search(start) else "xml"
    return "html" if _HTML.search(start[:512]) else "svg" if _SVG.search(text) else "text"


def _as_text(head: bytes) -> str | None:
    """UTF-8, perhaps cut in the middle of a character; None for what has no text in it."""
    for cut in range(min(4, len(head) or 1)):
        try:
            text = head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return None if _STRANGE.search(text) else text
    return None


def claimed_by(name: str) -> str | None:
    """The kind that a file's name promises; None when its ending promises nothing that is known here."""
    return _BY_ENDING.get(name.rpartition(".")[2].lower()) if "." in name else None


def mismatch(name: str, kind: str) -> str | None:
    """The kind that the name promises, where the content is another one."""
    claimed = claimed_by(name)
    same = claimed == kind or (claimed, kind) in _CLOSE
    return None if claimed is None or same else claimed


# HTML and XML in a file that calls itself text is text, too; an old Office file may be XML.
_CLOSE = frozenset(
    {
        ("text", "html"),
        ("text", "xml"),
        ("text", "svg"),
        ("xml", "text"),
        ("html", "text"),
        ("html", "xml"),
    }
    | {
        ("xml", "svg"),
        ("heic", "avif"),
        ("avif", "heic"),
        ("text", "other"),
        ("ole", "zip"),
        ("ole", "html"),
    }
)


def is_picture(kind: str) -> bool:
    return bool(KINDS[kind].picture) if kind in KINDS else False


def title(kind: str | None) -> Said:
    return KINDS[kind if kind in KINDS else OTHER].title


def media_type(kind: str) -> str:
    """What the file is served as: its own type for pictures, else what no browser opens."""
    return (KINDS[kind].picture if kind in KINDS else "") or "application/octet-stream"

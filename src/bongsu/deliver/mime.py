"""A message as a mail: pure. One thread per incident, plain text and HTML, no header that text could forge."""

import base64
import hashlib
import re
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bongsu.deliver.diff import is_long, lines
from bongsu.deliver.letter import plain, translator
from bongsu.deliver.model import Message
from bongsu.kit.text import head, one_line, slugify

SUBJECT_LIMIT = 200
_ENCODED_WORD_BYTES = 42  # 56 in base64; an encoded word has at most 75 characters
_PLAIN_ID = re.compile(r"[\w./:-]{1,255}", re.ASCII)
_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,800}")  # nothing that ends the brackets or the line
# Mail clients know no custom properties: the colours of web/static/css/tokens.css, light, as plain values.
COLOURS = {"up": "#206345", "degraded": "#88520a", "down": "#b7191c", "unknown": "#6b4988"}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(is_long=is_long, lines=lines)
_mail = _templates.get_template(
    "mail.html"
)  # compiled when the kind is loaded, not at the first alarm


def compose(message: Message, sender: str, recipients: tuple[str, ...], at: datetime) -> bytes:
    """The mail as it goes out, CRLF line ends, 7-bit but for addresses outside ASCII.

    Raises ValueError for an address with a line break. Written by hand: the standard library folds and
    encodes long ids, so that no client finds its thread, loses spaces in long subjects outside ASCII, and
    takes 4 ms a mail, which a burst of thousands feels.
    """
    for address in (sender, *recipients):
        if not address.isprintable():
            raise ValueError(f"{address!r} holds a line break or a control character")
    boundary = "=_" + hashlib.sha256(message.key.encode()).hexdigest()[:32]
    parts = [
        _part(f"text/{subtype}", text)
        for subtype, text in (("plain", plain(message)), ("html", html(message)))
    ]
    body = "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"
    headers = {
        "From": f"Bongsu <{sender}>",
        "To": ", ".join(recipients),
        "Subject": header_text(head(one_line(message.subject), SUBJECT_LIMIT)),
        "Date": format_datetime(at),
        **_marks(message, sender),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{lines}\r\n{body}".encode()


def _part(kind: str, text: str) -> str:
    """Always base64: no line of a text can end the part or the mail."""
    lines = base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")
    head_ = f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n'
    return f"{head_}\r\n{lines}"


def message_id(key: str, domain: str) -> str:
    """Short and the same for every attempt, so that the other side can drop a duplicate."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:20]
    return f"<{_words(key)}.{digest}@{domain}>"


def thread_id(thread: str, domain: str) -> str:
    """The root that all mails of one thing answer to; it never exists as a mail itself."""
    return f"<{_words(thread)}@{domain}>"


def _words(key: str) -> str:
    return slugify(key, "message")[:40].strip("-")


def _marks(message: Message, sender: str) -> dict[str, str]:
    """Which mail it is, in which thread, of which list, and that a machine wrote it."""
    domain = _domain(sender)
    root = thread_id(message.thread, domain)
    name = slugify(message.list_id, "bongsu")
    marks = {
        "Message-ID": message_id(message.key, domain),
        "In-Reply-To": root,
        "References": root,
        "List-Id": f"<{name}.{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
        "X-Bongsu-Severity": str(message.severity),
    }
    if message.severity >= 4:
        marks |= {"Importance": "high", "X-Priority": "1"}
    event_id = str(message.event.get("id", ""))
    if _PLAIN_ID.fullmatch(event_id):
        marks["X-Event-Id"] = event_id
    return marks | _way_out(message.unsubscribe)


def _way_out(address: str) -> dict[str, str]:
    """One click in the mail program (RFC 8058), which is for HTTPS only; without it the address alone."""
    if not _ADDRESS.fullmatch(address):
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"List-Unsubscribe": f"<{address}>"} | (
        one_click if address.startswith("https:") else {}
    )


def header_text(text: str) -> str:
    """ASCII as it is; anything else whole in encoded words (RFC 2047), cut between characters."""
    if text.isascii() and "=?" not in text:
        return text
    chunks = [""]
    for character in text:
        if len((chunks[-1] + character).encode()) > _ENCODED_WORD_BYTES:
            chunks.append("")
        chunks[-1] += character
    words = (base64.b64encode(chunk.encode()).decode() for chunk in chunks)
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _domain(sender: str) -> str:
    domain = sender.rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode()


def html(message: Message) -> str:
    colour = COLOURS.get(message.state, COLOURS["unknown"])
    return _mail.render(m=message, colour=colour, t=translator(message.language))

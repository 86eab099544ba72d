"""IP addresses in event patterns: what counts as a literal, and networks.

The rules are those of the reference implementation: four decimal parts with leading zeros allowed, or
hexadecimal groups without dots; an IPv6 form of an IPv4 address (`::ffff:a00:1`) is that IPv4 address.
"""

import re

_V4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_V6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_MASK = re.compile(r"\+?[0-9]{1,9}")
_V4_TEXT_LIMIT = 15
_V6_TEXT_LIMIT = 256  # a group may have leading zeros, but nobody writes pages of them
_GROUPS = 8
_V4_IN_V6 = bytes(10) + b"\xff\xff"


def packed(text: str) -> bytes | None:
    """4 or 16 bytes, or None when the text is not an address literal."""
    if _V4.fullmatch(text):
        return _packed_v4(text)
    if len(text) <= _V6_TEXT_LIMIT and _V6.fullmatch(text):
        return _packed_v6(text)
    return None


def _packed_v4(text: str) -> bytes | None:
    if len(text) > _V4_TEXT_LIMIT:
        return None
    parts = [int(part) for part in text.split(".")]
    return bytes(parts) if max(parts) <= 0xFF else None


def _packed_v6(text: str) -> bytes | None:
    head, gap, tail = text.partition("::")
    before, after = _groups(head), _groups(tail)
    if before is None or after is None:
        return None
    missing = _GROUPS - len(before) - len(after)
    if missing < 1 if gap else missing != 0:
        return None
    groups = before + [0] * missing + after
    address = b"".join(group.to_bytes(2, "big") for group in groups)
    return address[12:] if address.startswith(_V4_IN_V6) else address


def _groups(text: str) -> list[int] | None:
    if not text:
        return []
    parts = text.split(":")
    if not all(parts):
        return None
    groups = [int(part, 16) for part in parts]
    return groups if max(groups) <= 0xFFFF else None


class NotANetwork(ValueError):
    """`code` says what is wrong: "form", "address" or "mask"; `bits` is the mask's limit."""

    def __init__(self, code: str, bits: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.bits = bits


def network(text: str) -> tuple[bytes, bytes]:
    """First and last address of `10.0.0.0/24`. Bits of the host may be set; a mask of all bits is
    refused, as EventBridge refuses it. Raises NotANetwork.
    """
    parts = text.split("/")
    if len(parts) != 2 or not _MASK.fullmatch(parts[1]):
        raise NotANetwork("form")
    address = packed(parts[0])
    if address is None:
        raise NotANetwork("address")
    bits = len(address) * 8
    mask = int(parts[1])
    if mask >= bits:
        raise NotANetwork("mask", bits)
    host = (1 << (bits - mask)) - 1
    first = int.from_bytes(address, "big") & ~host
    return first.to_bytes(len(address), "big"), (first | host).to_bytes(len(address), "big")

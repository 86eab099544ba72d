"""Ids: UUIDv7 for what is written once, random tokens for what opens a door."""

import hashlib
import os
import secrets
import time
import uuid


def uuid7(unix_ms: int | None = None, random: bytes | None = None) -> str:
    """RFC 9562 version 7: sorts by time of making. Both parts can be given, for tests."""
    ms = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    tail = int.from_bytes(random or os.urandom(10), "big")
    value = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | tail & (1 << 62) - 1
    return str(uuid.UUID(int=value))


def new_token(prefix: str) -> str:
    """A secret of 256 bits; the prefix lets scanners of leaked secrets recognise it."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is stored of a token. Plain SHA-256 suffices: the token itself is random."""
    return hashlib.sha256(token.encode()).hexdigest()

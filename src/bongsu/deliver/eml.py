"""Mail as files: `.eml`, written whole or not at all."""

import os
from datetime import datetime
from pathlib import Path

from bongsu.kit.text import slugify


def write_eml(folder: Path, at: datetime, recipient: str, key: str, mail: bytes) -> Path:
    """Blocks on the disk. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{at:%Y%m%dT%H%M%S}-{slugify(recipient, 'mail')[:40]}-{slugify(key, 'message')}.eml"
    path = folder / name
    draft = path.with_suffix(".part")
    with draft.open("wb") as handle:
        handle.write(mail)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
    return path

"""A zip that is the same, byte for byte, whenever and wherever the same files go into it."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

BEGAN = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
READABLE = 0o100644 << 16  # a plain file that everybody may read, as Lambda needs it
UNIX = 3
SKIPPED = frozenset({"__pycache__"})
ROOTS = frozenset(
    {"purelib", "platlib"}
)  # of a wheel's data: what lies beside the rest when installed

Files = dict[str, bytes]


def of_folder(folder: Path) -> Files:
    """By name, without byte code and hidden files. Raises Invalid for a link: a package holds files only."""
    found: Files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if any(part in SKIPPED or part.startswith(".") for part in name.parts):
            continue
        if path.is_symlink():
            raise Invalid(
                say("{file} is a link. Put the file itself there.", file=str(folder / name))
            )
        if path.is_file() and path.suffix != ".pyc":
            found[name.as_posix()] = path.read_bytes()
    return found


def of_wheel(wheel: Path) -> Files:
    """As it lies when it is installed; commands and headers are left out."""
    found: Files = {}
    with zipfile.ZipFile(wheel) as opened:
        for name in opened.namelist():
            if not name.endswith("/") and (place := _installed(PurePosixPath(name))):
                found[place] = opened.read(name)
    return found


def _installed(name: PurePosixPath) -> str:
    first, *rest = name.parts
    if not first.endswith(".data"):
        return str(name)
    return str(PurePosixPath(*rest[1:])) if rest[0] in ROOTS else ""


def together(several: Mapping[str, Files]) -> Files:
    """`several`: by whose they are. Raises Invalid where two bring a file of one name that is not the same."""
    found: Files = {}
    owner: dict[str, str] = {}
    for whose, files in several.items():
        for name, content in files.items():
            if found.setdefault(name, content) != content:
                raise Invalid(
                    say(
                        "{one} and {other} both bring {file}, and not the same.",
                        one=owner[name],
                        other=whose,
                        file=name,
                    )
                )
            owner.setdefault(name, whose)
    return found


def digest_of(files: Files) -> str:
    """Of names and contents, not of the zip: another build of zlib may pack otherwise."""
    whole = hashlib.sha256()
    for name, content in _sorted(files):
        whole.update(f"{hashlib.sha256(content).hexdigest()} {name}\n".encode())
    return whole.hexdigest()


def zip_of(files: Files, level: int = 6) -> bytes:
    """`level`: of zlib; 9 takes three times as long for a hundredth less."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as opened:
        for name, content in _sorted(files):
            entry = zipfile.ZipInfo(name, BEGAN)
            entry.create_system, entry.external_attr = UNIX, READABLE
            opened.writestr(entry, content, zipfile.ZIP_DEFLATED, level)
    return into.getvalue()


def _sorted(files: Files) -> Iterable[tuple[str, bytes]]:
    return sorted(files.items())

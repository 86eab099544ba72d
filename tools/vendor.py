"""What was taken from npm as it is: `tools/vendor.py check` compares hashes, `fetch` takes the packages again.

Each folder with vendored files has a VENDORED.toml: name, version, licence, why, and sha256 of every file.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = (
    ROOT / "src/bongsu/web/static/vendor/VENDORED.toml",
    ROOT / "tests/browser/vendor/VENDORED.toml",
)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wrong_files(manifest: Path) -> list[str]:
    """Every file that is missing, changed or not named; empty when all is as written."""
    entries = tomllib.loads(manifest.read_text(encoding="utf-8"))["vendored"]
    named = {
        f"{e['name']}-{e['version']}/{file}": digest
        for e in entries
        for file, digest in e["files"].items()
    }
    found = {
        p.relative_to(manifest.parent).as_posix() for p in manifest.parent.rglob("*") if p.is_file()
    }
    wrong = [
        f"not named in {manifest.name}: {p}" for p in sorted(found - {manifest.name} - set(named))
    ]
    for name, digest in named.items():
        path = manifest.parent / name
        if not path.exists():
            wrong.append(f"missing: {name}")
        elif sha256(path) != digest:
            wrong.append(f"changed: {name} is {sha256(path)}")
    return wrong


def fetch(manifest: Path) -> None:
    for entry in tomllib.loads(manifest.read_text(encoding="utf-8"))["vendored"]:
        with tempfile.TemporaryDirectory() as folder:
            package = f"{entry['package']}@{entry['version']}"
            subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                archive.extractall(folder, filter="data")
            place = manifest.parent / f"{entry['name']}-{entry['version']}"
            place.mkdir(parents=True, exist_ok=True)
            for file in entry["files"]:
                source = Path(folder, "package", entry.get("folder", {}).get(file, ""), file)
                (place / file).write_bytes(source.read_bytes())


def main(command: str) -> int:
    if command == "fetch":
        for manifest in MANIFESTS:
            fetch(manifest)
    wrong = [line for manifest in MANIFESTS for line in wrong_files(manifest)]
    print("\n".join(wrong) or "Vendored files are as written.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))

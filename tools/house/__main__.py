"""House rules that no linter knows. Each is a short function over one parsed file; all findings are printed.

A line may be excused by `# house: <rule> <reason>`.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "bongsu"
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 299, 600, 60
CLOCK_CALLS = {"now", "utcnow", "today", "time", "monotonic", "time_ns"}
CLOCK_OWNERS = {"datetime", "date", "time"}
CLOCK_PLACES = {"kit/clock.py", "kit/ids.py"}
COMMIT_PLACES = {"db/session.py", "db/migrate.py"}
LAZY_PLACES = {"cli.py", "commands.py", "kit/roles.py", "doctor.py"}
REGISTRY_HOSTS = re.compile(r"(pypi|pythonhosted|npmjs|debian)\.(org|com)")
Finding = tuple[Path, int, str]


def _long(path: Path, lines: list[str]) -> Iterator[Finding]:
    limit = TEST_FILE_LINES if "tests" in path.parts else FILE_LINES
    if len(lines) > limit and "migrations" not in path.parts:
        yield path, limit, f"size: {len(lines)} lines, at most {limit}"


def _interfaces(path: Path, lines: list[str]) -> Iterator[Finding]:
    """A browser drops what it loads when an interface comes or goes: tests of both kinds run apart."""
    marked = any("pytest.mark.network" in line for line in lines)
    for number, line in enumerate(lines, 1):
        if '"veth"' in line and not marked:
            yield path, number, "network: what makes an interface is marked pytest.mark.network"


def _functions(path: Path, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES and "migrations" not in path.parts:
                yield (
                    path,
                    node.lineno,
                    f"function: {node.name} has {length} lines, at most {FUNCTION_LINES}",
                )


def _clocks(path: Path, tree: ast.Module) -> Iterator[Finding]:
    if _inside(path) in CLOCK_PLACES:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if (
                isinstance(owner, ast.Name)
                and owner.id in CLOCK_OWNERS
                and node.func.attr in CLOCK_CALLS
            ):
                yield (
                    path,
                    node.lineno,
                    f"clock: {owner.id}.{node.func.attr}() belongs to kit/clock.py",
                )


def _commits(path: Path, tree: ast.Module) -> Iterator[Finding]:
    if _inside(path) in COMMIT_PLACES:
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ):
            yield path, node.lineno, "commit: only db/session.py ends a transaction"


def _sql(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """SQLAlchemy stays in tables, stores and the rooms that are made of it."""
    place = _inside(path)
    allowed = place.startswith(("db/", "events/", "live/")) or path.name in {
        "tables.py",
        "store.py",
    }
    if allowed or "store" in path.stem:
        return
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if "sqlalchemy" in names:
            yield path, node.lineno, "sql: SQL belongs to the room's store.py"


def _asserts(path: Path, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield path, node.lineno, "assert: raise an error that says what happened"


def _lazy(path: Path, tree: ast.Module) -> Iterator[Finding]:
    if _inside(path) in LAZY_PLACES or path.name.endswith("commands.py"):
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield path, node.lineno, "import: imports stand at the top of a file"


def _inside(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix() if path.is_relative_to(SOURCE) else ""


SOURCE_RULES = (_functions, _clocks, _commits, _sql, _asserts, _lazy)


def _check(path: Path) -> Iterator[Finding]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    yield from _long(path, lines)
    if "tests" in path.parts:
        yield from _interfaces(path, lines)
    if path.is_relative_to(SOURCE):
        tree = ast.parse(text)
        for rule in SOURCE_RULES:
            for finding in rule(path, tree):
                name = finding[2].split(":")[0]
                if f"# house: {name} " not in lines[finding[1] - 1]:
                    yield finding


def _hosts() -> Iterator[Finding]:
    """No file names a package registry's host."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".txt", ".in", ".toml", ".md", ".sh", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                if REGISTRY_HOSTS.search(line) and path != Path(__file__):
                    yield path, number, "host: no file names a package registry's host"


def main() -> int:
    files = [
        p for folder in ("src", "tests", "bench", "tools") for p in (ROOT / folder).rglob("*.py")
    ]
    findings = [finding for path in sorted(files) for finding in _check(path)] + list(_hosts())
    for path, line, text in findings:
        print(f"{path.relative_to(ROOT)}:{line}: {text}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

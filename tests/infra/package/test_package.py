"""Packages of functions: the same bytes for the same files, by hash, for Lambda's platform, and they do start."""

import base64
import hashlib
import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from bongsu.infra.model.functions import Function
from bongsu.infra.package import package as packages
from bongsu.infra.package.package import files_of, package
from bongsu.infra.package.wheels import GLIBC, platforms
from bongsu.infra.package.zipped import digest_of, of_wheel, together, zip_of
from bongsu.kit.errors import Invalid, NotFound
from tests.infra.support import EVERY, example, in_every_run

ROOT = Path(__file__).resolve().parents[3]
HERE = {"architecture": "x86", "runtime": "python3.11"}  # what the tests run on
AARCH64 = 0xB7  # of the head of a program for 64-bit arm
START = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
print(importlib.import_module(sys.argv[2]).handler)
"""
NAMES = sorted(path.stem for path in (ROOT / "requirements" / "functions").glob("*.in"))
# One in every run: each brings boto3 and its like from the registry.
SHOWN = in_every_run("thumbnail".__eq__, NAMES)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A repository with one function, and a folder of wheels in the place of a registry."""
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    lay(tmp_path, {"src/a/__init__.py": "", "src/a/b.py": "import small\nhandler = small.one\n"})
    pin(tmp_path, wheel(tmp_path, "small-1-py3-none-any.whl", {"small.py": b"one = 1\n"}))
    return tmp_path


def lay(place: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


def wheel(place: Path, name: str, files: dict[str, bytes]) -> Path:
    made = place / "wheels" / name
    made.parent.mkdir(exist_ok=True)
    project, version = name.split("-")[:2]
    about = f"{project}-{version}.dist-info"
    extra = {f"{about}/METADATA": f"Name: {project}\nVersion: {version}\n".encode()}
    extra |= {f"{about}/WHEEL": b"Wheel-Version: 1.0\n", f"{about}/RECORD": b""}
    with zipfile.ZipFile(made, "w") as opened:
        for each, content in (files | extra).items():
            opened.writestr(each, content)
    return made


def pin(place: Path, made: Path) -> None:
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    project, version = made.name.split("-")[:2]
    (place / "a.txt").write_text(f"{project}=={version} \\\n    --hash=sha256:{digest}\n")


def block(**more) -> Function:
    return Function(**{"build": "src", "handler": "a.b.handler", "requirements": "a.txt", **more})


def names(body: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(body)).namelist()


def test_code_and_dependencies_are_in_it_and_nothing_else(place):
    lay(place, {"src/a/__pycache__/b.pyc": "x", "src/a/c.pyc": "x", "src/.hidden/d": "x"})

    made = package("one", block())

    about = [f"small-1.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")]
    assert names(made.body) == ["a/__init__.py", "a/b.py", *about, "small.py"]


def test_another_day_and_another_order_give_the_same_bytes(place):
    first = package("one", block())
    for path in place.rglob("*.py"):
        path.chmod(0o700)
        subprocess.run(["touch", "-d", "2001-01-01", path], check=True)

    again = package("one", block())

    assert (again.body, again.key) == (first.body, first.key)
    files = {"b": b"2", "a": b"1"}
    assert zip_of(files) == zip_of(dict(reversed(files.items())))


def test_a_change_of_code_or_of_a_dependency_is_another_package(place):
    first = package("one", block())
    lay(place, {"src/a/b.py": "handler = 2\n"})
    second = package("one", block())
    pin(place, wheel(place, "small-1-py3-none-any.whl", {"small.py": b"one = 2\n"}))

    assert len({first.key, second.key, package("one", block()).key}) == 3
    assert digest_of({"a": b"", "b": b"x"}) != digest_of({"a": b"x", "b": b""})


def test_only_the_pinned_file_is_taken(place):
    wheel(place, "small-1-py3-none-any.whl", {"small.py": b"somebody else's"})

    with pytest.raises(Invalid, match=r"dependencies of one could not be fetched: .*HASH"):
        package("one", block())


def test_nothing_is_compiled_and_only_wheels_of_lambda_s_platform_are_taken(place):
    made = wheel(place, "small-1-cp313-cp313-manylinux_2_17_aarch64.whl", {"small.so": b"arm"})
    (place / "wheels" / "small-1-py3-none-any.whl").unlink()
    pin(place, made)

    assert "small.so" in names(package("one", block()).body)
    for other in ({"architecture": "x86"}, {"runtime": "python3.12"}):
        with pytest.raises(Invalid, match="could not be fetched"):
            package("one", block(**other))


def test_a_runtime_takes_wheels_for_its_own_linux_and_older_ones():
    assert next(iter(platforms(block()))) == "manylinux_2_34_aarch64"
    assert next(iter(platforms(block(**HERE)))) == "manylinux_2_26_x86_64"
    assert [*platforms(block())][-2:] == ["manylinux_2_17_aarch64", "manylinux2014_aarch64"]


def test_what_is_missing_or_has_conditions_is_said_by_its_name(place):
    with pytest.raises(NotFound, match="no folder lib, which one names"):
        package("one", block(build="lib"))
    with pytest.raises(NotFound, match=r"src holds no a/c\.py, the module of the handler of one"):
        package("one", block(handler="a.c.handler"))
    with pytest.raises(NotFound, match=r"no file b\.txt, which one names"):
        package("one", block(requirements="b.txt"))
    lay(place, {"a.txt": "small==1 ; python_version < '3' \\\n    --hash=sha256:0\n"})
    with pytest.raises(Invalid, match=r"a\.txt has a condition: small==1 ; Compile it"):
        package("one", block())


def test_a_link_is_refused(place):
    (place / "src" / "a" / "l.py").symlink_to("/etc/hostname")

    with pytest.raises(Invalid, match=r"src/a/l\.py is a link"):
        package("one", block())


def test_two_files_of_one_name_that_differ_are_refused():
    same, other = {"x.py": b"1"}, {"x.py": b"2"}

    assert together({"a": same, "b": same}) == same
    with pytest.raises(Invalid, match=r"a and b both bring x\.py"):
        together({"a": same, "b": other})


def test_more_than_lambda_takes_is_refused(place, monkeypatch):
    monkeypatch.setattr(packages, "UNPACKED_LIMIT_BYTES", 10)

    with pytest.raises(Invalid, match="package of one holds 0 MiB unpacked; Lambda takes 0"):
        package("one", block())


def test_data_of_a_wheel_lies_where_it_is_installed(tmp_path):
    files = {"small-1.data/purelib/deep/x.py": b"1", "small-1.data/scripts/run": b"2"}

    found = of_wheel(wheel(tmp_path, "small-1-py3-none-any.whl", files))

    assert [one for one in found if "dist-info" not in one] == ["deep/x.py"]


@pytest.mark.parametrize("name", EVERY)
def test_every_function_of_the_examples_has_its_code_and_its_requirements(name, monkeypatch):
    monkeypatch.chdir(ROOT)

    for one in example(name).architecture.functions.values():
        module = one.handler.rpartition(".")[0]
        own = module.rpartition(".")[2]
        assert one.requirements == f"requirements/functions/{own}.txt"
        assert (ROOT / one.build / f"{module.replace('.', '/')}.py").is_file()
        assert (ROOT / one.requirements).is_file()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SHOWN)
def test_the_handler_starts_from_the_package_in_an_interpreter_that_has_nothing_else(
    name, tmp_path, monkeypatch
):
    """For this machine, whose C library is newer than that of Lambda's 3.11; the pins are those of arm."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(GLIBC, HERE["runtime"], 34)
    module = f"bongsu.functions.{name}"
    pinned = f"requirements/functions/{name}.txt"
    own = Function(build="src", handler=f"{module}.handler", requirements=pinned, **HERE)

    files = files_of(name, own)  # packing them is what takes long

    zipfile.ZipFile(io.BytesIO(zip_of(files, level=0))).extractall(tmp_path)
    asked = [sys.executable, "-I", "-S", "-B", "-c", START, str(tmp_path), module]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.startswith("<function handler"), done.stderr


@pytest.mark.long
@pytest.mark.timeout(600)
def test_on_arm_every_program_is_for_arm_and_twice_the_same(monkeypatch):
    monkeypatch.chdir(ROOT)
    own = example("001-tasks").architecture.functions["thumbnail"]

    first = package("thumbnail", own)
    time.sleep(2.1)  # a zip keeps time to two seconds
    again = package("thumbnail", own)

    assert again.body == first.body
    opened = zipfile.ZipFile(io.BytesIO(first.body))
    compiled = [one for one in opened.namelist() if ".so" in Path(one).suffixes]
    assert compiled
    assert {int.from_bytes(opened.read(one)[18:20], "little") for one in compiled} == {AARCH64}
    assert base64.b16encode(opened.read(compiled[0])[:4]) == b"7F454C46"

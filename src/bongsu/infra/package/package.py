"""The package of a function: code of this repository and pinned dependencies, named after its content."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.model.functions import Function
from bongsu.infra.package.wheels import fetch
from bongsu.infra.package.zipped import Files, digest_of, of_folder, of_wheel, together, zip_of
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say

UNPACKED_LIMIT_BYTES = (
    250 << 20
)  # of Lambda; the zip itself has no limit of its own when it lies in a bucket


@dataclass(frozen=True, slots=True)
class Package:
    """`digest`: of names and contents. `body`: the zip."""

    function: str
    digest: str
    body: bytes
    unpacked_bytes: int

    @property
    def key(self) -> str:
        return f"packages/{self.function}/{self.digest}.zip"

    @property
    def file(self) -> str:
        return f"{self.function}-{self.digest[:12]}.zip"


def package(function: str, block: Function) -> Package:
    """Raises Invalid for what cannot be in a package, NotFound for code or a handler that is not there."""
    files = files_of(function, block)
    unpacked = sum(map(len, files.values()))
    if unpacked > UNPACKED_LIMIT_BYTES:
        raise Invalid(
            say(
                "The package of {function} holds {size} MiB unpacked; Lambda takes {limit}. Take out what it does "
                "not need.",
                function=function,
                size=unpacked >> 20,
                limit=UNPACKED_LIMIT_BYTES >> 20,
            )
        )
    return Package(function, digest_of(files), zip_of(files), unpacked)


def files_of(function: str, block: Function) -> Files:
    """Its own code and its pinned wheels, by path in the package. Raises NotFound, Invalid."""
    folder = Path(block.build)
    if not folder.is_dir():
        raise NotFound(
            say(
                "There is no folder {folder}, which {function} names.",
                folder=block.build,
                function=function,
            )
        )
    code = of_folder(folder)
    _refuse_without_handler(function, block, code)
    with tempfile.TemporaryDirectory(prefix="bongsu-wheels-") as into:
        wheels = {one.name: of_wheel(one) for one in fetch(function, block, Path(into))}
    return together({block.build: code, **wheels})


def _refuse_without_handler(function: str, block: Function, code: Files) -> None:
    module = block.handler.rpartition(".")[0].replace(".", "/")
    if not {f"{module}.py", f"{module}/__init__.py"} & code.keys():
        raise NotFound(
            say(
                "{folder} holds no {module}.py, the module of the handler of {function}.",
                folder=block.build,
                module=module,
                function=function,
            )
        )


def upload(made: Package, artefacts: Artefacts, region: str) -> str:
    """Its address, as `--code` takes it. What lies there already is left as it is."""
    bucket = artefacts.put(made.key, made.body, region)
    return f"s3://{bucket}/{made.key}"

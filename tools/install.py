"""Puts this checkout on the environment's path and writes its `bongsu` command, building nothing."""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = """#!{python}
import sys
from bongsu.cli import main
sys.exit(main())
"""


def install() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    (site / "bongsu.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    command = Path(sys.executable).parent / "bongsu"
    command.write_text(COMMAND.format(python=sys.executable), encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    install()

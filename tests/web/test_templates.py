"""Every template of every room compiles, and calls only macros, sprites and files that exist."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from bongsu.web.assets import assets
from bongsu.web.shell import PACKAGE
from tests.web.pages import SHELL

TEMPLATES = sorted(p for p in PACKAGE.rglob("*.html") if "mail" not in p.stem)
MACROS = set(dir(SHELL.env.get_template("web/components.html").module))
SPRITE = set(re.findall(r'id="([a-z0-9-]+)"', (PACKAGE / "web/templates/sprite.html").read_text()))


def room_name(path: Path) -> str:
    room, *rest = path.relative_to(PACKAGE).parts
    return "/".join([room, *rest[rest[0] == "templates" :]])


@pytest.mark.parametrize("path", TEMPLATES, ids=room_name)
def test_a_template_compiles_and_asks_for_what_there_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = SHELL.env.parse(source)
    used = {g.attr for g in tree.find_all(nodes.Getattr) if getattr(g.node, "name", "") == "c"}
    icons = set(re.findall(r"""["'#]([gi]-[a-z]+)["']""", source))
    files = set(re.findall(r"static_url\(\s*['\"]([^'\"]+)['\"]\s*\)", source))

    SHELL.env.get_template(room_name(path))

    assert used - MACROS == set()
    assert icons - SPRITE == set()
    assert files - set(assets().files) == set()

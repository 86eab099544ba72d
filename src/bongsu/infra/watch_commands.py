"""`bongsu infra watch`: what is built is watched, without anybody registering it by hand."""

import importlib
import json as codec
import sys
from typing import Any

from bongsu.infra.options import EndpointUrl, Environment, File, Json, Profile
from bongsu.infra.plan.model import Plan
from bongsu.infra.watched.document import document, text
from bongsu.infra.watched.register import have_drawn, register
from bongsu.infra.watched.watching import Watching, watching
from bongsu.infra.workbench import Work, open_file, text_of
from bongsu.kit.api import Api
from bongsu.kit.i18n import say, terminal_language


def watch(
    file: File,
    *,
    env: Environment = None,
    apply: bool = False,
    remove: bool = False,
    deployed: bool = False,
    json: Json = False,
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """Services and checks for what an architecture shows the world, as a file, or registered in a server.

    Parameters
    ----------
    apply
        Register them in the server that BONGSU_URL and BONGSU_TOKEN name; only an administrator may.
    remove
        With --apply: take away what was registered for parts that are gone.
    deployed
        Ask AWS for the names of what has none in the file and, with --apply, let its alarms become events there.
    """
    work = open_file(file, env)
    plan = work.plan
    aws = _aws().clients_of(endpoint_url, profile) if deployed else None
    known = _aws().addresses(plan, aws) if aws else {}
    if not apply:
        _print(watching(plan, known), json)
        return 0
    register_all(work, known, remove=remove)
    if aws:
        subscribe_alarms(plan, aws)
    return 0


def register_all(work: Work, known: dict[str, str], *, remove: bool = False) -> None:
    """Registers and says what was changed; `deploy --watch` ends with it. `known`: names that AWS gave."""
    language, api = terminal_language(), Api.from_environment()
    done = register(watching(work.plan, known), api, remove=remove)
    for one in done.changes:
        print(f"{one['verb']:6} {one['section']:8} {one['name']}")
    if not done.changes:
        print(say("Nothing to change.").to(language))
    for name in done.left:
        said = say("{name} is of no part any more. With --remove it is taken away.", name=name)
        print(said.to(language), file=sys.stderr)
    text, environment = text_of(work.path).decode(), work.plan.architecture.environment
    if page := have_drawn(text, work.lock.text(), environment, api):
        print(say("Drawn at {page}.", page=page).to(language))


def subscribe_alarms(plan: Plan, clients: Any) -> None:
    for said in _aws().alarms_become_events(plan, clients, Api.from_environment()):
        print(said.to(terminal_language()))


def _print(found: Watching, as_json: bool) -> None:
    if as_json:
        print(codec.dumps(document(found), ensure_ascii=False))
    else:
        print(text(found, terminal_language()), end="")


def _aws() -> Any:
    """boto3 is loaded only where AWS is asked."""
    return importlib.import_module("bongsu.infra.watched.aws")

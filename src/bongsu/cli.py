"""The command table. Names and lines of help only: a command's module is imported when it is called.

`--version` answers before anything else is imported, so that it stays under 250 ms.
"""

import os
import sys
from collections.abc import Sequence

from bongsu import __version__

# name, where it is, one line of help
COMMANDS = (
    ("up", "bongsu.commands:up", "Everything on this machine; files are applied first."),
    ("store", "bongsu.commands:store", "One role: the lake."),
    ("watch", "bongsu.commands:watch", "One role: the probes."),
    ("alarm", "bongsu.commands:alarm", "One role: rules, incidents, deliveries."),
    ("serve", "bongsu.commands:serve", "One role: pages and API."),
    ("probe", "bongsu.watch.commands:probe", "One probe now, phases drawn; no server needed."),
    ("validate", "bongsu.config.commands:validate", "All errors of files, with line numbers."),
    ("plan", "bongsu.config.commands:plan", "What applying files would change."),
    (
        "apply",
        "bongsu.config.commands:apply",
        "Make the server as the files say, or change nothing.",
    ),
    ("conditions", "bongsu.watch.condition_commands:app", "Try the condition language."),
    ("rules", "bongsu.rules.commands:app", "Try event patterns; why a rule fired."),
    ("services", "bongsu.services.commands:app", "Services, through the API."),
    ("checks", "bongsu.watch.check_commands:app", "Checks, through the API; check now."),
    ("incidents", "bongsu.incidents.commands:app", "Incidents, through the API."),
    ("tasks", "bongsu.tasks.commands:app", "Tasks, through the API; CSV and JSON in and out."),
    ("projects", "bongsu.tasks.project_commands:app", "Projects of tasks, through the API."),
    ("tell", "bongsu.tell.commands:app", "What you want to be told, through the API."),
    ("events", "bongsu.rules.event_commands:app", "The event log, through the API."),
    ("intake", "bongsu.intake.commands:app", "Who may send events here, through the API."),
    ("requests", "bongsu.requests.commands:app", "Who asked what, through the API."),
    ("users", "bongsu.accounts.commands:app", "People, through the API; a new admin link."),
    (
        "infra",
        "bongsu.infra.commands:app",
        "Plan, check, price, drill, draw and deploy an architecture.",
    ),
    ("doctor", "bongsu.doctor:doctor", "What is well here and what is not."),
    ("config", "bongsu.commands:config", "The settings in force, and where each comes from."),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 well, 1 the answer is no, 2 the call was wrong, 70 a fault of ours."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        print(f"bongsu {__version__}")
        return 0
    return _run(arguments)


def _run(arguments: list[str]) -> int:
    import cyclopts

    from bongsu.kit.errors import BongsuError

    app = cyclopts.App(
        name="bongsu",
        help="Runs, watches and repairs web services.",
        help_format="plaintext",  # reading Markdown would cost each call for help 80 ms
        version=__version__,
    )
    for name, place, line in COMMANDS:
        app.command(place, name=name, help=line)
    try:
        result = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except cyclopts.CycloptsError:
        return 2
    except BongsuError as error:
        _print_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def _print_error(error: Exception) -> None:
    from bongsu.kit.errors import BongsuError, Invalid
    from bongsu.kit.i18n import terminal_language

    language = terminal_language()
    if isinstance(error, BongsuError):
        print(f"bongsu: {error.said.to(language)}", file=sys.stderr)
    if isinstance(error, Invalid):
        for problem in error.problems:
            print(f"  {problem.to(language)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

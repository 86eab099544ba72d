"""What would make a role die again and again is said once, before any of them starts."""

import contextlib
import socket
from collections.abc import Iterator

import sqlalchemy as sa  # house: sql only its errors are named here

from bongsu.deliver.mail_server import parse_mail_url
from bongsu.kit.errors import BongsuError, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.redact import redact_text, redact_url
from bongsu.kit.settings import Settings
from bongsu.net.guard import EgressPolicy
from bongsu.rooms import rooms_on


def check_settings(settings: Settings) -> None:
    """Raises Invalid for the first setting that no role could start with."""
    _check_listen(settings)
    parse_mail_url(settings.mail, settings.public)
    EgressPolicy.parse(settings.checks_may_reach)
    EgressPolicy.parse(settings.outward_may_reach)
    _ = settings.allowed_origins
    rooms_on(settings)


def _check_listen(settings: Settings) -> None:
    """By taking the port and giving it back: only the system knows whether it may be had."""
    try:
        host, port = settings.host, settings.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
    except (OSError, OverflowError, ValueError) as error:
        said = say(
            "The pages cannot be offered at {listen}: {why}. "
            "Stop what is there, or give another address with --listen, such as 127.0.0.1:8081.",
            listen=settings.listen,
            why=getattr(error, "strerror", None) or str(error),
        )
        raise Invalid(said) from error


@contextlib.contextmanager
def in_words(settings: Settings) -> Iterator[None]:
    """A folder or a database that cannot be used becomes a sentence. Raises Invalid."""
    try:
        yield
    except BongsuError:
        raise
    except (OSError, sa.exc.SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or error
        said = say(
            "The data folder {folder} or the database {database} cannot be used: {why}. "
            "Check that both are there, may be written and have room.",
            folder=str(settings.data),
            database=redact_url(settings.database),
            why=redact_text(str(cause)),
        )
        raise Invalid(said) from error

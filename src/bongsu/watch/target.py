"""What a check looks at, in one line for people, and the host it loads: pure, from the options alone."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bongsu.kit.redact import redact_url

# The option that a kind's short form fills (`{http: "https://…"}`, `{tcp: "host:443"}`) is named by one of these.
TARGET_NAMES = ("url", "address", "target", "host")


def target_of(options: Mapping[str, Any]) -> str:
    """The address as written, without a password; empty when the kind has none."""
    text = _plain(options)
    return redact_url(text) if "://" in text else text


def host_of(options: Mapping[str, Any]) -> str:
    """The host alone, lower case: what the cap on looks per host counts by."""
    text = _plain(options)
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return text.lower()
    return host or text.lower()


def _plain(options: Mapping[str, Any]) -> str:
    return next((str(options[name]) for name in TARGET_NAMES if options.get(name)), "")

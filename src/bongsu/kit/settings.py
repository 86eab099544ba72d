"""One set of settings for all roles: flags first, then `BONGSU_*`, then defaults.

`bongsu config show` prints them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.origins import parse_origins
from bongsu.kit.redact import redact_url

_ENV = "BONGSU_"
_URLS = frozenset({"database_url", "lake_url", "objects_url", "mail_url", "public_url"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Addresses that are empty are derived from `data_dir` (see the properties)."""

    data_dir: str = "data"
    database_url: str = ""  # sqlite:///… or postgresql://…
    lake_url: str = ""  # http+unix:///… or http(s)://user:password@host:8123/
    objects_url: str = ""  # file:///… or s3://bucket/prefix
    listen: str = "127.0.0.1:8080"
    public_url: str = ""  # how people reach the pages; in mails and links
    mail_url: str = ""  # smtp://user:password@host:587?from=…, smtps://…, folder:///path
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: str = "127.0.0.1,::1"  # whose X-Forwarded-* headers are believed
    location: str = "here"
    checks_may_reach: str = "private,loopback"  # beside public addresses; "" for public only
    outward_may_reach: str = ""  # webhooks, OIDC, mail
    secret_key: str = ""  # a reference; what seals second factors. Empty: a file in `data_dir`
    oidc_issuer: str = ""  # https://…; empty: nobody signs in through a provider
    oidc_client_id: str = ""
    oidc_client_secret: str = ""  # a reference; empty for a public client
    oidc_title: str = ""  # "Sign in with …"; empty: the issuer's host
    cors_origins: str = ""  # pages of other origins that may use the API; exact, comma separated
    nameservers: str = ""  # host or host:port, comma separated; empty: the system's
    canary_name: str = ""  # a name that must resolve while our own network is well
    rooms: str = ""  # comma separated; empty: all
    language: str = "en"  # of mails to people who have not chosen one
    time_zone: str = "UTC"

    @property
    def data(self) -> Path:
        return Path(self.data_dir).resolve()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'state.db'}"

    @property
    def lake(self) -> str:
        return self.lake_url or f"http+unix://{self.lake_socket}"

    @property
    def lake_socket(self) -> Path:
        return self.data / "lake.sock"

    @property
    def objects(self) -> str:
        return self.objects_url or f"file://{self.data / 'objects'}"

    @property
    def mail(self) -> str:
        return self.mail_url or f"folder://{self.data / 'mail'}"

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Raises Invalid for one that is not exact."""
        return parse_origins(self.cors_origins)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        """Raises Invalid for an address without one."""
        number = self.listen.rpartition(":")[2]
        if not number.isdecimal() or int(number) > 65_535:
            raise Invalid(
                say(
                    "{listen} is no address to listen on. Write it like 127.0.0.1:8080.",
                    listen=self.listen,
                )
            )
        return int(number)

    @property
    def public(self) -> str:
        scheme = "https" if self.tls_cert else "http"
        return (self.public_url or f"{scheme}://{self.listen}").rstrip("/")

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, **flags: str | None) -> "Settings":
        """Unknown flags raise TypeError; an empty flag counts as not given."""
        given = {name: value for name, value in flags.items() if value}
        source = os.environ if env is None else env
        names = {f.name for f in fields(cls)}
        from_env = {n: source[_ENV + n.upper()] for n in names if source.get(_ENV + n.upper())}
        return cls(**{**from_env, **given})

    def environment(self) -> dict[str, str]:
        """What a child process needs to load the same settings."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | {
            "data_dir": str(self.data)
        }
        return {_ENV + name.upper(): value for name, value in values.items() if value}

    def shown(self) -> dict[str, str]:
        """For people: passwords in addresses are hidden."""
        values = {f.name: str(getattr(self, f.name)) for f in fields(self)}
        return {name: redact_url(v) if name in _URLS and v else v for name, v in values.items()}

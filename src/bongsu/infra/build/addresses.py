"""Where parts are reached, as pointers: what `${part}` in an environment becomes."""

from collections.abc import Callable

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, Ref, Sub, logical_id
from bongsu.infra.places import PLACE

Places = dict[str, Ref | Att | Given]


def load_balancer(name: str) -> Ref:
    return Ref(logical_id("load-balancer", name))


def database_host(name: str) -> Att:
    """Of the one that writes; machine and cluster have the same attribute."""
    return Att(logical_id("database", name), "Endpoint.Address")


def database_secret(name: str) -> Ref:
    """A secret in JSON: username, password, host, port."""
    return Ref(logical_id("secret-of", name))


def secret_name(site: Site, name: str) -> str | None:
    """Fixed where a pod asks for it: its manifest is written before the secret is made. Else CloudFormation's."""
    asked = any(
        f"${{{name}}}" in block.secrets.values()
        for block in site.architecture.services.values()
        if block.runs_on in site.architecture.clusters
    )
    return site.name(name, "master") if asked else None


def cache_host(name: str) -> Att:
    return Att(logical_id("cache", name), "PrimaryEndPoint.Address")


def table(name: str) -> Ref:
    """Its name; CloudFormation chooses it, so that a table can stand beside the one that it replaces."""
    return Ref(logical_id("table", name))


def bus(name: str) -> Ref:
    return Ref(logical_id("bus", name))


def topic(name: str) -> Ref:
    """Its ARN."""
    return Ref(logical_id("topic", name))


def queue(name: str) -> Ref:
    """Its URL."""
    return Ref(logical_id("queue", name))


def stream(name: str) -> Ref:
    """Its name."""
    return Ref(logical_id("kinesis", name))


def push_application(site: Site, name: str, platform: str) -> Given:
    """Its ARN. The deployment makes it: CloudFormation has no such type."""
    word = platform.lower().replace("_", "-")
    return Given(logical_id("push", name, word), f"push:{platform}/{site.name(name)}")


PLAIN: dict[str, Callable[[str], Ref]] = {
    "events": bus,
    "topics": topic,
    "queues": queue,
    "streams": stream,
}


def _applications(site: Site, part: str, values: Places) -> str:
    """Every platform's, with commas between them."""
    words = []
    for platform in site.architecture.push[part].platforms:
        given = push_application(site, part, platform)
        values[given.id] = given
        words.append(f"${{{given.id}}}")
    return ",".join(words)


def filled(site: Site, text: str, places: Places | None = None) -> Sub:
    """Every `${part}` as its address. `places`: is filled as well, where several texts become one."""
    values: Places = {} if places is None else places
    return Sub(PLACE.sub(lambda found: _word(site, found[1], values), text), values)


def _word(site: Site, part: str, values: Places) -> str:
    """A bucket's name is known; everything else is a place for a pointer."""
    section = site.architecture.section_of(part)
    if section == "buckets":
        return site.bucket_name(part).text
    word = logical_id(part)
    if section == "push":
        return _applications(site, part, values)
    if section == "databases":
        values[word] = database_host(part)
    elif section == "tables":
        values[word] = table(part)
    elif section in PLAIN:
        values[word] = PLAIN[section](part)
    elif section == "caches":
        values[word] = cache_host(part)
    else:
        values[word] = Att(load_balancer(part).id, "DNSName")
    return f"${{{word}}}"

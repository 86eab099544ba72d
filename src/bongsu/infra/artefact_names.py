"""Names that AWS gives limits or endings to. Pure, and without AWS's library."""

import hashlib

LOGS_OF = {
    "load_balancers": "load-balancer-logs",
    "distributions": "distribution-logs",
}  # by section
FIFO = ".fifo"  # ends the names of such queues and topics, or AWS takes them for others
NAME_LIMIT = 63


def bucket_name(architecture: str, account: str, region: str) -> str:
    """Names of buckets are shared by all accounts of the world; a long name of an architecture is cut."""
    rest = f"-artefacts-{account}-{region}"
    return cut(architecture, NAME_LIMIT - len(rest)) + rest


def cut(name: str, limit: int) -> str:
    """As it is while it fits; else its beginning and six letters that tell it from others that begin so."""
    if len(name) <= limit:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: limit - 7].rstrip('-')}-{mark}"

"""The name of the bucket of an architecture's own. Pure, and without AWS's library."""

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
    if len(architecture) + len(rest) <= NAME_LIMIT:
        return architecture + rest
    mark = hashlib.sha256(architecture.encode()).hexdigest()[:6]
    return f"{architecture[: NAME_LIMIT - len(rest) - 7].rstrip('-')}-{mark}{rest}"

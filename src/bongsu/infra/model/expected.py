"""What people expect of an environment's traffic; the price depends on it, the plan does not."""

from typing import Annotated

from pydantic import Field

from bongsu.infra.model.base import Block

Amount = Annotated[float, Field(ge=0)]


class Traffic(Block):
    """A usual month. What is not given is assumed (see `cost.traffic`), and every report says so."""

    requests: Amount | None = None  # that reach the entries
    out_gb: Amount | None = None  # to people on the internet
    nat_gb: Amount | None = None  # through all NATs together
    log_gb: Amount | None = None  # written by all parts together
    stored_gb: Amount | None = None  # in each bucket and file system

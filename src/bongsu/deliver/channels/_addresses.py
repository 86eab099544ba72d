"""Types that several channel kinds share in their options."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bongsu.kit.i18n import say
from bongsu.kit.redact import is_reference

_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[^\s@<>,;:\"\\()\[\]]{1,253}")


def _mail_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValueError(say("This is no mail address. Write it like name@example.com."))
    return text


def _reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError(
            say("Give a reference such as env:NAME or file:/path, not the secret itself.")
        )
    return text


MailAddress = Annotated[str, AfterValidator(_mail_address)]
SecretReference = Annotated[
    str, AfterValidator(_reference), Field(json_schema_extra={"secret": True})
]

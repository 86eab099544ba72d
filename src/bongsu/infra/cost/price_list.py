"""AWS's price list as boto3's `pricing` client gives it: page after page, patiently."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from bongsu.infra.deploy.aws import asking
from bongsu.kit.errors import Unavailable

TRIES, FIRST_WAIT_S = 5, 1.0  # beside those that boto3 makes by itself
PAGE = 100  # the most that it gives at once
SAID = "the price list"


class PriceList:
    """`products` of refresh.py. Raises Invalid for what AWS refuses, Unavailable when it stays busy."""

    def __init__(self, client: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        self.client, self.sleep = client, sleep

    def __call__(self, code: str, attributes: dict[str, str]) -> Iterator[str]:
        filters = [
            {"Type": "TERM_MATCH", "Field": name, "Value": value}
            for name, value in attributes.items()
        ]
        asked: dict[str, Any] = {"ServiceCode": code, "Filters": filters, "MaxResults": PAGE}
        while True:
            answer = self._page(asked)
            yield from answer["PriceList"]
            if not answer.get("NextToken"):
                return
            asked["NextToken"] = answer["NextToken"]

    def _page(self, asked: dict[str, Any]) -> dict[str, Any]:
        for attempt in range(TRIES - 1):
            try:
                return self._once(asked)
            except Unavailable:
                self.sleep(FIRST_WAIT_S * 2**attempt)
        return self._once(asked)

    def _once(self, asked: dict[str, Any]) -> dict[str, Any]:
        with asking(SAID):
            return dict(self.client.get_products(**asked))

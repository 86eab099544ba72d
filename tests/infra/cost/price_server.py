"""A price list that behaves like AWS's: filters, pages, requests to slow down, refusals; in AWS's own JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PAGE = 2  # products of one answer
TARGET = "AWSPriceListService.GetProducts"


def product(usd: list[float], **attributes: str) -> dict[str, Any]:
    """`usd`: of each dimension of its one term; reservations stand beside it, as they do at AWS."""
    dimensions = {
        str(n): {"unit": "Hrs", "pricePerUnit": {"USD": f"{one:.10f}"}} for n, one in enumerate(usd)
    }
    terms = {
        "OnDemand": {"SKU.T": {"priceDimensions": dimensions}},
        "Reserved": {"SKU.R": {"priceDimensions": {"0": {"pricePerUnit": {"USD": "9.0"}}}}},
    }
    return {"product": {"attributes": attributes}, "terms": terms}


@dataclass(slots=True)
class Listed:
    """`busy`: how many calls are told to slow down first; `refused`: the code that all get."""

    products: dict[str, list[dict[str, Any]]]
    busy: int = 0
    refused: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        if self.refused:
            return 400, {"__type": self.refused, "message": "not authorized"}
        if self.busy:
            self.busy -= 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        wanted = {one["Field"]: one["Value"] for one in asked["Filters"]}
        fits = [
            one
            for one in self.products.get(asked["ServiceCode"], [])
            if wanted.items() <= one["product"]["attributes"].items()
        ]
        begin = int(asked.get("NextToken", 0))
        page = {"FormatVersion": "aws_v1"}
        page["PriceList"] = [json.dumps(one) for one in fits[begin : begin + PAGE]]
        return 200, page | ({"NextToken": str(begin + PAGE)} if fits[begin + PAGE :] else {})


@contextmanager
def serving(listed: Listed) -> Iterator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == TARGET
            status, said = listed.answer(body)
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

"""A function begins in a fresh process: it must be there within a second and hold nothing of the server."""

import json
import subprocess
import sys

import pytest

LIMIT_S = 1.0
SERVER = ("fastapi", "starlette", "uvicorn")
NEVER = {
    "notify": (*SERVER, "sqlalchemy", "pydantic", "chdb", "pycurl", "PIL"),
    "thumbnail": (*SERVER, "sqlalchemy", "pydantic", "chdb", "pycurl", "jinja2"),
    "push": (*SERVER, "sqlalchemy", "pydantic", "chdb", "pycurl", "jinja2", "PIL"),
    "sign_in": (*SERVER, "boto3", "chdb", "pycurl", "jinja2", "PIL"),
}
PROBE = """
import json, sys, time
began = time.process_time()
import {module}
print(json.dumps([time.process_time() - began, sorted(sys.modules)]))
"""


def cold(module: str) -> tuple[float, set[str]]:
    """Seconds of the processor, and what is loaded then."""
    command = [sys.executable, "-c", PROBE.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, modules = json.loads(done.stdout)
    return float(seconds), set(modules)


@pytest.mark.parametrize("name", sorted(NEVER))
def test_a_function_holds_nothing_of_the_server_nor_of_another_function(name):
    _, modules = cold(f"bongsu.functions.{name}")

    assert set() == set(NEVER[name]) & modules


@pytest.mark.timing
@pytest.mark.parametrize("name", sorted(NEVER))
def test_a_function_is_there_within_a_second_of_a_cold_start(name):
    took_s = min(cold(f"bongsu.functions.{name}")[0] for _ in range(3))
    alone_s = min(cold("boto3")[0] for _ in range(3))
    print(f"{name}: {took_s:.2f} s, boto3 alone {alone_s:.2f} s")

    assert took_s < LIMIT_S

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
    "sign_in": (*SERVER, "boto3", "chdb", "pycurl", "jinja2", "PIL"),
}
PROBE = """
import json, sys, time
began = time.process_time()
import {module}
print(json.dumps([time.process_time() - began, sorted(sys.modules)]))
"""


def cold(module: str) -> tuple[float, set[str]]:
    """Seconds of the processor, the least of three: what else this machine does is not the function's fault."""
    found = []
    for _ in range(3):
        command = [sys.executable, "-c", PROBE.format(module=module)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    return min(seconds for seconds, _ in found), set(found[0][1])


@pytest.mark.parametrize("name", sorted(NEVER))
def test_a_function_is_imported_within_a_second_and_without_the_server(name):
    seconds, modules = cold(f"bongsu.functions.{name}")
    alone, _ = cold("boto3")
    print(f"{name}: {seconds:.2f} s, boto3 alone {alone:.2f} s")

    assert set() == set(NEVER[name]) & modules
    assert seconds < LIMIT_S

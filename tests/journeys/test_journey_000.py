import os
import subprocess
import sys

import pytest

from tests.journeys.world import ROOT


@pytest.mark.heavy
@pytest.mark.timeout(400)
def test_the_journey_of_system_000_ends_well():
    command = [sys.executable, "-m", "tests.journeys.journey_000"]
    environment = os.environ | {"BONGSU_PATIENCE": "10"}  # `make journey-000` holds it to its times

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=360
    )

    assert "0 wrong" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0

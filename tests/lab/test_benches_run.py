"""Each bench runs, whatever has changed in the product since its numbers were read."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.bench.__main__ import BENCHES
from tests.lab.support.lab import Regions
from tests.lab.support.stack import CHECKOUT, Stack
from tests.lab.support.wait import until


@pytest.mark.parametrize("bench", sorted(BENCHES))
def test_its_short_form_ends_well(bench: str, proven: Stack, regions: Regions) -> None:
    ran = subprocess.run(
        (sys.executable, "-m", "tests.bench", "--short", bench),
        cwd=CHECKOUT,
        env={**os.environ, **regions.pulumi_environment(), "REGION_MIRROR_LAB": str(regions.lab.root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # A bench that restarts the source or moves a mirror leaves the lab's own mirror as it was.
    until("the lab's mirror to be proven again", lambda: not proven.failed_checks(), seconds=60)

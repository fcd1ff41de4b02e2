"""Certificates that end within the margin fail certificates-valid, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.support.stack import Stack

LONGER_THAN_ANY = 3650


def test_a_margin_that_none_keeps_fails_exactly_this_check(proven: Stack) -> None:
    def careful(config: dict[str, Any]) -> None:
        config["verification"]["certificate_margin_days"] = LONGER_THAN_ANY

    kept = proven.file.read_text()
    proven.configure(careful)
    try:
        proven.fails_alone("certificates-valid")
        ran = proven.verify("--check", "certificates-valid", "--json")
        [check] = json.loads(ran.stdout)["checks"]
        subjects = " ".join(finding["subject"] for finding in check["findings"])
        # Both clusters' brokers, what is trusted of both, and the mirror's own users.
        for what in ("broker 0 of east", "broker 0 of west", "CA certificates of east", "mirror's user"):
            assert what in subjects.replace("broker 1 of", "broker 0 of"), subjects
        assert all("days" in finding["message"] for finding in check["findings"])
    finally:
        proven.file.write_text(kept)

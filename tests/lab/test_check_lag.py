"""A mirror that runs but cannot keep up fails lag, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack

MIRROR_USER = "east-to-west"
THROTTLED = 2_000
"""Bytes a second: a fraction of what production writes."""


def test_a_throttled_mirror_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    def strict(config: dict[str, Any]) -> None:
        config["verification"]["max_lag_seconds"] = 5

    kept = proven.file.read_text()
    proven.configure(strict)
    regions.patch_user("west", MIRROR_USER, {"quotas": {"producerByteRate": THROTTLED}})
    try:
        # The quota also holds the checkpoints back.
        proven.fails_alone("lag", later=["groups-translated"])
        assert "behind" in proven.verify("--check", "lag").output
    finally:
        regions.patch_user("west", MIRROR_USER, {"quotas": None})
        proven.file.write_text(kept)

"""What a person or CI has set in the environment of pytest does not reach a test that starts no cluster."""

from __future__ import annotations

import os

import pytest

_PREFIXES = ("REGION_MIRROR_", "PULUMI_", "GITHUB_", "GITLAB_")
"""Variables that the program reads or hands on. `.ci/run` sets some of them for its whole run."""
_NAMES = ("CI", "KUBECONFIG", "COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR")
"""Variables that other libraries read: Pulumi's provider for Kubernetes, rich, click."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables for one test. A test that needs one sets it."""
    for name in [one for one in os.environ if one.startswith(_PREFIXES) or one in _NAMES]:
        monkeypatch.delenv(name)

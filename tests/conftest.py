"""Property tests judge results, not the speed of the machine that they run on. What each failed test said is
kept for `tests.again`: of a long run, people see the last lines. No test runs git in the repository of the
checkout.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.again import LAST_REASONS

settings.register_profile("any-speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-speed")

for name in (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
):
    # Git sets them for its hooks and for `git rebase --exec`: a test's own `git init` and `git commit` in a
    # temporary folder would change the repository of the checkout.
    os.environ.pop(name, None)

_reasons: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what a failed test said last. With pytest-xdist, the process that hands out tests hears of all."""
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        _reasons[report.nodeid] = crash.message if crash else report.longreprtext


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the notes beside pytest's own list of failed tests."""
    if (cache := getattr(session.config, "cache", None)) and not hasattr(session.config, "workerinput"):
        cache.set(LAST_REASONS, _reasons)

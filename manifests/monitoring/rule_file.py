"""The alerts as a file for Prometheus' `rule_files`, where there is no Prometheus operator.

`python -m manifests.monitoring.rule_file MIRROR [RUNBOOK_URL]`
"""

from __future__ import annotations

import sys

import yaml

from manifests.monitoring.prometheus_rule import groups
from settings.model.monitoring import RUNBOOK_URL


def rule_file(mirror: str, runbook_url: str = RUNBOOK_URL) -> str:
    """Render the file."""
    return yaml.safe_dump(groups(mirror, runbook_url), sort_keys=False, width=110)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit("usage: python -m manifests.monitoring.rule_file MIRROR [RUNBOOK_URL]")
    print(rule_file(*sys.argv[1:]), end="")

"""The alerts as a file for Prometheus' `rule_files`, where there is no Prometheus operator.

`python -m manifests.monitoring.rule_file MIRROR [RUNBOOK_URL [SECONDS]]`; SECONDS: the exporter's `--every`
"""

from __future__ import annotations

import sys

from manifests.monitoring.prometheus_rule import groups
from settings.model.monitoring import EVERY_SECONDS, RUNBOOK_URL
from settings.yaml_text import to_yaml


def rule_file(mirror: str, runbook_url: str = RUNBOOK_URL, every: int = EVERY_SECONDS) -> str:
    """Render the file."""
    return to_yaml(groups(mirror, runbook_url, every), sort_keys=False, width=110)


if __name__ == "__main__":
    _, *given = sys.argv
    if not 1 <= len(given) <= 3 or not all(one.isdecimal() for one in given[2:]):
        sys.exit("usage: python -m manifests.monitoring.rule_file MIRROR [RUNBOOK_URL [SECONDS]]")
    name, url, seconds = [*given, *["", RUNBOOK_URL, str(EVERY_SECONDS)][len(given) :]]
    print(rule_file(name, url, int(seconds)), end="")

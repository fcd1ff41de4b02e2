"""What Prometheus gets from an exporter that runs."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

PASSED = "region_mirror_check_passed"


class Exporter:
    """One that runs, at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def text(self, path: str = "/metrics") -> str:
        """One answer. Raises OSError."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def values(self, name: str, label: str) -> dict[str, float]:
        """A metric's values by one of its labels."""
        return {
            sample.labels[label]: sample.value
            for family in text_string_to_metric_families(self.text())
            for sample in family.samples
            if sample.name == name
        }

"""The table of metrics: names, units, labels, and the page that is generated from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from manifests.monitoring.metrics import METRICS, PREFIX, Metric
from manifests.monitoring.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
UNITS_THAT_ARE_NOT_BASE = ("milliseconds", "minutes", "hours", "days", "percent", "kilobytes", "_ms")


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run: make docs"


def test_no_name_is_taken_twice() -> None:
    assert len({one.name for one in METRICS}) == len(METRICS) > 30


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_naming(metric: Metric) -> None:
    assert metric.name.startswith(PREFIX)
    assert re.fullmatch(r"[a-z][a-z_]*[a-z]", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert not any(unit in metric.name for unit in UNITS_THAT_ARE_NOT_BASE)
    if re.search(r"Unix time", metric.help):
        assert metric.name.endswith("_timestamp_seconds")
    # Prometheus keeps these for histograms and summaries.
    assert not metric.name.endswith(("_sum", "_count", "_bucket", "_info", "_created"))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_labels(metric: Metric) -> None:
    assert not {"mirror", "job", "instance", "namespace", "pod", "le", "quantile"} & set(metric.labels)
    if metric.of in ("topic", "partition", "group", "certificate"):
        assert metric.of in metric.labels
    else:
        assert not {"topic", "partition", "group", "certificate"} & set(metric.labels)
    assert metric.help[0].isupper() or metric.help[0] in "1`"

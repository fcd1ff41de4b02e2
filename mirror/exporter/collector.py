"""The watchers' samples as metric families of Prometheus' client library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from manifests.monitoring.metrics import METRICS, MIRROR
from mirror.exporter.watcher import Watcher


class MirrorCollector(Collector):
    """Collects the metrics of `METRICS`, in that order; a metric without samples is left out."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def collect(self) -> Iterator[Family]:
        """Return the metric families of one scrape."""
        seen = [(one.mirror, one.samples()) for one in self._watchers]
        for metric in METRICS:
            labels = (MIRROR, *metric.labels)
            family: CounterMetricFamily | GaugeMetricFamily
            if metric.kind == "counter":
                family = CounterMetricFamily(metric.name, metric.help, labels=labels)
            else:
                family = GaugeMetricFamily(metric.name, metric.help, labels=labels)
            for mirror, samples in seen:
                for own, value in samples.get(metric, {}).items():
                    family.add_metric((mirror, *own), value)
            if family.samples:
                yield family

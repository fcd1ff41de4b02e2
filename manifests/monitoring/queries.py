"""What alerts ask Prometheus about one mirror, whose exporter looks every so often.

looks                 bad   bad  fails  bad   bad      a look that fails does not restart an alert: values
last_over_time        |-----------------|------->      last for the interval and two minutes more
for                                        fires       an alert needs more than one look, and its bridge
"""

from __future__ import annotations

from dataclasses import dataclass

from manifests.monitoring.metrics import MIRROR, Metric

_SCRAPED = 2
"""Minutes until Prometheus has scraped what a look has found, however long the look takes."""


def held_minutes(every: int) -> int:
    """How long an alert about looks waits at least, so that it does not rest on one look."""
    return _minutes(2 * every) + _SCRAPED + 1


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // 60)


def series(metric: Metric, mirror: str, *where: str) -> str:
    """Select the series of one mirror."""
    matchers = ", ".join((f'{MIRROR}="{mirror}"', *where))
    return f"{metric.name}{{{matchers}}}"


@dataclass(frozen=True, slots=True)
class Queries:
    """Expressions about one mirror, whose exporter looks every `every` seconds."""

    mirror: str
    every: int

    def least(self, metric: Metric, *by: str, where: str = "", unless: Metric | None = None) -> str:
        """Render the smallest value, by the mirror and the labels `by`. `unless`: a metric with the same
        labels: a series is left out where that is 0, and counts where there is none, as of an older exporter.
        """
        selected = self._selected(metric, where)
        if unless is not None:
            selected = f"{selected} unless {self._selected(unless, where)} == 0"
        return _folded("min", by, selected)

    def most(self, metric: Metric, *by: str) -> str:
        """Render the largest value, by the mirror and the labels `by`."""
        return _folded("max", by, self._selected(metric))

    def _selected(self, metric: Metric, where: str = "") -> str:
        selected = series(metric, self.mirror, *filter(None, (where,)))
        if metric.of not in ("exporter", "last look"):  # a look that fails withdraws it
            return f"last_over_time({selected}[{_minutes(self.every) + _SCRAPED}m])"
        return selected


def _folded(operator: str, by: tuple[str, ...], selected: str) -> str:
    return f"{operator} by ({', '.join((MIRROR, *by))}) ({selected})"


def beyond(left: str, operator: str, right: str) -> str:
    """Compare many series of a mirror with its one limit."""
    return f"{left}\n  {operator} on ({MIRROR}) group_left () ({right})"

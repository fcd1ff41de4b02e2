"""A small Grafana dashboard of one mirror: checks, lag, time until retention, consumer groups, certificates.

The JSON model is that of Grafana's dashboards (schemaVersion 39, Grafana 10 and newer). All queries use the
exporter's metrics. While its looks fail, charts have gaps, and the first row shows that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manifests.metadata import metadata
from manifests.monitoring import metrics
from manifests.monitoring.metrics import Metric
from manifests.monitoring.queries import series
from settings.model import Settings
from settings.names import Names

LABEL = {"grafana_dashboard": "1"}
"""The label by which the sidecar of Grafana's Helm chart finds dashboards."""
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH = 24
_HEIGHT = 8
_MOST = 20
"""Maximum number of lines of a chart, the most urgent ones."""
_DAY = 86_400
_RED, _GREEN, _YELLOW = "red", "green", "yellow"
_Steps = Sequence[tuple[float | None, str]]
_PLAIN: _Steps = ((None, _GREEN),)
_GOOD: _Steps = ((None, _RED), (1, _GREEN))
_YES = {"0": "no", "1": "yes"}


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    kind: str
    query: str
    legend: str
    unit: str = "short"
    width: int = 12
    steps: _Steps = _PLAIN
    words: Mapping[str, str] = field(default_factory=dict)


def config_map(settings: Settings) -> dict[str, Any]:
    """Render the ConfigMap that Grafana's sidecar reads."""
    name = Names.of(settings).dashboard
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(settings, name, labels=LABEL),
        "data": {f"{name}.json": json.dumps(dashboard(settings), indent=1, sort_keys=True) + "\n"},
    }


def dashboard(settings: Settings) -> dict[str, Any]:
    """Render the dashboard's model."""
    name, source, target = settings.mirror.name, settings.source.alias, settings.target.alias
    parts = (settings.target.namespace, name, source, target)
    return {
        "title": f"Kafka mirror {name}: {source} to {target}",
        # At most 40 characters, and the same at each deployment.
        "uid": f"region-mirror-{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:12]}",
        "schemaVersion": 39,
        "tags": ["kafka", "region-mirror"],
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {
            "list": [
                {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
            ]
        },
        "panels": _placed(_panels(name)),
    }


def _panels(mirror: str) -> tuple[_Panel, ...]:
    def one(metric: Metric, operator: str = "max") -> str:
        return f"{operator}({series(metric, mirror)})"

    def each(metric: Metric, *by: str, operator: str = "max") -> str:
        return f"{operator} by ({', '.join(by)}) ({series(metric, mirror)})"

    def worst(metric: Metric, by: str) -> str:
        return f"topk({_MOST}, {each(metric, by)})"

    left = each(metrics.TOPIC_RETENTION_LEFT, "topic", operator="min")
    ends = each(metrics.CERTIFICATE_EXPIRY, "certificate", operator="min")
    tasks = each(metrics.CONNECTOR_TASKS, "connector", "state")
    return (
        _stat("Checks pass", one(metrics.CHECK_PASSED, "min"), _GOOD, words=_YES),
        _stat("Looks succeed", one(metrics.LOOK_SUCCESS), _GOOD, words=_YES),
        _stat("Lag", one(metrics.LAG_SECONDS), unit="s"),
        _stat("Lag limit", one(metrics.LAG_LIMIT), unit="s"),
        _stat("Partitions losing records", one(metrics.PARTITIONS_LOSING), ((None, _GREEN), (1, _RED))),
        _stat("Overdue translations", one(metrics.CHECKPOINTS_OVERDUE), ((None, _GREEN), (1, _YELLOW))),
        _Panel(
            "Checks",
            "state-timeline",
            each(metrics.CHECK_PASSED, "check", operator="min"),
            "{{check}}",
            "none",
            _WIDTH,
            _GOOD,
            {"0": "failed", "1": "passed"},
        ),
        *_failover(mirror),
        _chart("Lag by topic, longest first", worst(metrics.TOPIC_LAG_SECONDS, "topic"), "{{topic}}", "s"),
        _chart("Records behind by topic, most first", worst(metrics.TOPIC_LAG_RECORDS, "topic"), "{{topic}}"),
        _chart(
            "Time until retention deletes unmirrored records", f"bottomk({_MOST}, {left})", "{{topic}}", "s"
        ),
        _chart(
            "Retention used, highest first",
            worst(metrics.TOPIC_RETENTION_USED, "topic"),
            "{{topic}}",
            "percentunit",
        ),
        _chart("Consumer groups on the target", each(metrics.GROUPS, "state"), "{{state}}"),
        _chart(
            "Records that groups would re-read", worst(metrics.GROUP_REREAD_RECORDS, "group"), "{{group}}"
        ),
        _chart("Tasks of connectors", f"{tasks} > 0", "{{connector}} {{state}}"),
        _Panel(
            "Certificates: time until expiry",
            "bargauge",
            f"sort({ends} - time())",
            "{{certificate}}",
            "s",
            steps=((None, _RED), (3 * _DAY, _YELLOW), (21 * _DAY, _GREEN)),
        ),
        _chart("Duration of a look", one(metrics.LOOK_DURATION), "look", "s"),
        _chart("Duration of checks", each(metrics.CHECK_DURATION, "check"), "{{check}}", "s"),
    )


def _failover(mirror: str) -> tuple[_Panel, ...]:
    """What a failover now would miss by the last look at the source, and how old that look is. These metrics
    stay while the source does not answer. Alert MirrorFailoverWouldMiss compares them with their limits.
    """

    def chart(title: str, query: str, legend: str, unit: str = "short") -> _Panel:
        return _Panel(title, "timeseries", query, legend, unit, _WIDTH // 3)

    return (
        chart(
            "A failover now would miss: records, at most",
            f"max({series(metrics.FAILOVER_MISSING_RECORDS, mirror)})",
            "records",
        ),
        chart(
            "A failover now would miss: records of this time",
            f"time() - max({series(metrics.FAILOVER_COVERED_UNTIL, mirror)})",
            "time",
            "s",
        ),
        chart(
            "Age of the last look at the source",
            f"time() - max({series(metrics.LAST_LOOK, mirror)})",
            "age",
            "s",
        ),
    )


def _chart(title: str, query: str, legend: str, unit: str = "short") -> _Panel:
    return _Panel(title, "timeseries", query, legend, unit)


def _stat(
    title: str,
    query: str,
    steps: _Steps = _PLAIN,
    *,
    unit: str = "none",
    words: Mapping[str, str] | None = None,
) -> _Panel:
    return _Panel(title, "stat", query, "", unit, _WIDTH // 6, steps, words or {})


def _placed(panels: Sequence[_Panel]) -> list[dict[str, Any]]:
    """Place the panels from left to right, row by row."""
    placed, x, y = [], 0, 0
    for number, one in enumerate(panels, start=1):
        height = _HEIGHT if one.kind != "stat" else _HEIGHT // 2
        if x + one.width > _WIDTH:
            x, y = 0, y + _HEIGHT
        placed.append(_rendered(number, one) | {"gridPos": {"x": x, "y": y, "w": one.width, "h": height}})
        x += one.width
    return placed


def _rendered(number: int, one: _Panel) -> dict[str, Any]:
    mappings = [
        {"type": "value", "options": {value: {"text": text} for value, text in one.words.items()}}
    ] * bool(one.words)
    instant = one.kind in ("stat", "bargauge")
    return {
        "id": number,
        "title": one.title,
        "type": one.kind,
        "datasource": _SOURCE,
        "targets": [
            {
                "refId": "A",
                "datasource": _SOURCE,
                "expr": one.query,
                "legendFormat": one.legend,
                **({"instant": True} if instant else {}),
            }
        ],
        "fieldConfig": {
            "defaults": {
                "unit": one.unit,
                "color": {"mode": "palette-classic" if one.kind == "timeseries" else "thresholds"},
                "mappings": mappings,
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"value": value, "color": color} for value, color in one.steps],
                },
            },
            "overrides": [],
        },
        "options": {},
    }

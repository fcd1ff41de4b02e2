"""The dashboard asks only about what the exporter has, fits Grafana's grid, and is the same each time."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest

from manifests.monitoring import metrics
from manifests.monitoring.dashboard import config_map, dashboard
from manifests.monitoring.metrics import METRICS
from tests.unit.monitoring.test_alerts_lead_to_what_to_do import queried
from tests.unit.settings.sample import settings

PANELS: list[dict[str, Any]] = dashboard(settings())["panels"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_asks_only_about_what_the_exporter_has(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        names = queried(target["expr"])
        assert names
        assert names <= {one.name for one in METRICS}
        assert 'mirror="east-to-west"' in target["expr"]
        assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_legends_name_labels_that_the_query_keeps(panel: dict[str, Any]) -> None:
    (target,) = panel["targets"]
    for word in target["legendFormat"].split():
        if word.startswith("{{"):
            assert word.strip("{}") in target["expr"].partition("by (")[2].partition(")")[0]


def test_it_shows_what_a_failover_would_miss_and_how_old_that_answer_is() -> None:
    """These metrics are there while the source does not answer; those of a look are not."""
    row = [one for one in PANELS if "failover" in one["title"].lower() or "last look" in one["title"]]
    asked = {name for panel in row for target in panel["targets"] for name in queried(target["expr"])}
    assert asked == {
        one.name
        for one in (metrics.FAILOVER_MISSING_RECORDS, metrics.FAILOVER_COVERED_UNTIL, metrics.LAST_LOOK)
    }
    assert [one["gridPos"]["w"] for one in row] == [8, 8, 8]
    assert len({one["gridPos"]["y"] for one in row}) == 1
    assert all("time() - " in one["targets"][0]["expr"] for one in row[1:])


def test_no_panel_claims_that_a_mirror_is_proven() -> None:
    """The exporter does not run users-work by default: with some of the checks nothing is proven."""
    assert not any("proven" in json.dumps(one).lower() for one in PANELS)


def test_panels_do_not_overlap_and_fit() -> None:
    for one in PANELS:
        assert one["gridPos"]["x"] + one["gridPos"]["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in PANELS], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_grafanas_sidecar_finds_it() -> None:
    manifest = config_map(settings())
    assert manifest["metadata"]["labels"] == {"grafana_dashboard": "1"}
    (text,) = manifest["data"].values()
    assert json.loads(text) == dashboard(settings())


def test_each_mirror_has_its_own() -> None:
    uids = {
        dashboard(given)["uid"]
        for given in (settings(), settings(mirror__name="other"), settings(target__namespace="elsewhere"))
    }
    assert len(uids) == 3
    assert all(len(uid) <= 40 for uid in uids)
    assert dashboard(settings()) == dashboard(settings())

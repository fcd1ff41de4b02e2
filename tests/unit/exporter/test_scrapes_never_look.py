"""HTTP: what Prometheus and a kubelet get, whatever the look does meanwhile."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from manifests.monitoring import metrics
from mirror.exporter.samples import Limits, Samples, samples
from mirror.exporter.server import serve_metrics
from mirror.exporter.watcher import Watcher
from mirror.problems import CouldNotRun
from tests.lab.support.wait import until
from tests.unit.exporter.made_up import seen
from tests.unit.status.made_up import HOSTILE, group, offset, partition, snapshot

URL = "http://127.0.0.1:{}{}"


class Running:
    """A server over a watcher whose looks wait until they are let go."""

    def __init__(self) -> None:
        self.looks = 0
        self.let_go = threading.Event()
        self.error: Exception | None = None
        self.watcher = Watcher("east-to-west", self._look, 3600, say=lambda _: None)
        self.server = serve_metrics([self.watcher], "127.0.0.1", 0)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _look(self) -> Samples:
        self.looks += 1
        self.let_go.wait(60)
        if self.error:
            raise self.error
        hostile = snapshot(partition(HOSTILE), groups=(group('a\\b\n"c', offset()),))
        return samples(seen(looked=hostile), Limits())

    def get(self, path: str = "/metrics") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(URL.format(self.server.server_port, path), timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        return {
            tuple(sample.labels.values()): sample.value
            for family in text_string_to_metric_families(self.get()[1])
            for sample in family.samples
            if sample.name == name
        }


@pytest.fixture
def running() -> Iterator[Running]:
    one = Running()
    yield one
    one.let_go.set()
    one.watcher.stop()
    one.server.shutdown()
    one.server.server_close()


def test_a_scrape_during_a_look_is_answered_and_starts_none(running: Running) -> None:
    running.watcher.start()
    until("the look to begin", lambda: running.looks, seconds=20, every=0.01)
    for _ in range(3):
        assert running.values("region_mirror_look_success") == {("east-to-west",): 0}
    assert running.looks == 1
    running.let_go.set()
    until("its figures", lambda: running.values("region_mirror_check_passed"), seconds=20, every=0.05)
    assert running.values("region_mirror_look_success") == {("east-to-west",): 1}
    assert running.values("region_mirror_looks_total") == {("east-to-west",): 1}
    assert running.looks == 1


def test_names_of_any_kind_survive_the_text_format(running: Running) -> None:
    running.let_go.set()
    running.watcher.look()
    assert {labels[-1] for labels in running.values("region_mirror_topic_lag_records")} == {HOSTILE}
    groups = set(running.values("region_mirror_group_reread_records"))
    assert any('a\\b\n"c' in labels for labels in groups)


def test_everything_is_of_the_table_and_has_the_mirror(running: Running) -> None:
    running.let_go.set()
    running.watcher.look()
    known = {one.name: one for one in metrics.METRICS}
    families = list(text_string_to_metric_families(running.get()[1]))
    assert len(families) > 20
    for family in families:
        for sample in family.samples:
            metric = known[sample.name]
            assert set(sample.labels) == {"mirror", *metric.labels}
            assert family.type == metric.kind
            assert family.documentation == metric.help


def test_a_failed_look_leaves_the_exporters_own_metrics(running: Running) -> None:
    running.error = CouldNotRun("looking", "refused", "wait")
    running.let_go.set()
    running.watcher.look()
    own = {one.name for one in metrics.METRICS if one.of == "exporter"}
    _, text = running.get()
    seen = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert seen == own - {metrics.LOOK_LAST_SUCCESS.name}
    assert running.values("region_mirror_look_failures_total") == {("east-to-west",): 1}


def test_health(running: Running) -> None:
    assert running.get("/healthz") == (503, "no look finishes: east-to-west\n")
    running.watcher.start()
    assert running.get("/healthz") == (200, "ok\n")


def test_there_is_nothing_else(running: Running) -> None:
    code, text = running.get("/etc/passwd")
    assert (code, text) == (404, "not found; the paths are /metrics and /healthz\n")


def test_a_port_that_is_taken_is_said(running: Running) -> None:
    with pytest.raises(CouldNotRun, match="choose another address"):
        serve_metrics([], "127.0.0.1", running.server.server_port)

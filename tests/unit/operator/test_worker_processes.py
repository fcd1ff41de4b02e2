"""Connect workers as declared processes: files, ports, rolling, scaling."""

import base64
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lab import processes
from lab.files import write_json
from lab.layout import Lab
from lab.operator.failures import Failure
from lab.operator.mirror_maker2 import jvm
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.tokens import PodToken
from lab.operator.mirror_maker2.workers import Desired, Workers, by_readiness

NAMES = Names("kafka", "dr")
FIRST, SECOND = "west-kafka-dr-mirrormaker2-0", "west-kafka-dr-mirrormaker2-1"


@dataclass(frozen=True)
class Tools:
    java: Path = Path("/jdk/bin/java")
    kafka_libs: Path = Path("/libs")


class Cluster:
    """A Kubernetes that hands out tokens."""

    def __init__(self, uid: str = "u1") -> None:
        self.uid, self.tokens = uid, 0

    def read(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return {"metadata": {"uid": self.uid}}

    def token(self, namespace: str, account: str, seconds: int) -> str:
        self.tokens += 1
        claims = {"exp": time.time() + seconds, "kubernetes.io": {"serviceaccount": {"uid": self.uid}}}
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"header.{payload}.signature"

    def kubeconfig(self, namespace: str, token: str) -> str:
        return json.dumps({"users": [{"user": {"token": token}}]})


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    write_json(tmp_path / "lab.json", {})
    return Lab(tmp_path)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every worker is ready as soon as it is declared; what was waited for, in order."""
    waited: list[str] = []

    def is_ready(self: Workers, process: str) -> bool:
        waited.append(process)
        return process in processes.declared(self.lab)

    monkeypatch.setattr(Workers, "is_ready", is_ready)
    return waited


@pytest.fixture
def workers(lab: Lab) -> Workers:
    return Workers(lab, "west", Tools(), operation_seconds=0.0)


DESIRED = Desired(
    replicas=2,
    files={"kafka-connect.properties": "group.id=dr\n", "log4j2.properties": "name=x\n"},
    configuration_hash="c1",
    authentication_hash="a1",
    clusters="tgt;src",
    jvm_options={},
)


def token(cluster: Any = None) -> PodToken:
    kube: Any = cluster or Cluster()
    return PodToken(kube, "kafka", "dr-mirrormaker2")


def test_declared_with_files_of_their_own(workers: Workers, ready: list[str], lab: Lab) -> None:
    workers.reconcile(NAMES, DESIRED, token())
    specs = processes.declared(lab)
    assert specs.keys() == {FIRST, SECOND}
    ports = {spec.env["LAB_REST_PORT"] for spec in specs.values()}
    assert len(ports) == 2
    folder = lab.connect("west") / "kafka" / "dr" / "0"
    properties = (folder / "kafka-connect.properties").read_text()
    assert properties.startswith("group.id=dr\n")
    port = specs[FIRST].env["LAB_REST_PORT"]
    assert "LAB_METRICS_PORT" not in specs[FIRST].env, "nothing asks for metrics"
    assert f"listeners=http://127.0.0.1:{port}\nrest.advertised.port={port}\n" in properties
    for name in ("kafka-connect.properties", "kubeconfig"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert specs[FIRST].env["KUBECONFIG"] == str(folder / "kubeconfig")
    assert specs[FIRST].argv[0] == "/jdk/bin/java"


def test_workers_with_strimzis_reporter_listen_on_ports_of_their_own(
    workers: Workers, ready: list[str], lab: Lab
) -> None:
    text = "group.id=dr\nprometheus.metrics.reporter.listener=http://:9404\n"
    files = {**DESIRED.files, "kafka-connect.properties": text}
    workers.reconcile(NAMES, replace(DESIRED, files=files), token())
    specs = processes.declared(lab)
    ports = {name: spec.env["LAB_METRICS_PORT"] for name, spec in specs.items()}
    assert len({*ports.values(), *(spec.env["LAB_REST_PORT"] for spec in specs.values())}) == 4
    properties = (lab.connect("west") / "kafka" / "dr" / "0" / "kafka-connect.properties").read_text()
    assert properties.endswith(f"\nprometheus.metrics.reporter.listener=http://127.0.0.1:{ports[FIRST]}\n")


def test_the_jmx_exporter_is_started_with_its_rules(workers: Workers, ready: list[str], lab: Lab) -> None:
    workers.reconcile(NAMES, replace(DESIRED, files={**DESIRED.files, "metrics-config.json": "{}"}), token())
    spec = processes.declared(lab)[FIRST]
    rules = lab.connect("west") / "kafka" / "dr" / "0" / "metrics-config.json"
    assert rules.read_text() == "{}"
    (agent,) = (one for one in spec.argv if one.startswith("-javaagent:"))
    assert agent.endswith(f"=127.0.0.1:{spec.env['LAB_METRICS_PORT']}:{rules}")


def test_the_same_again_changes_nothing(workers: Workers, ready: list[str], lab: Lab) -> None:
    workers.reconcile(NAMES, DESIRED, token())
    before = {name: spec.digest for name, spec in processes.declared(lab).items()}
    workers.reconcile(NAMES, DESIRED, token())
    assert {name: spec.digest for name, spec in processes.declared(lab).items()} == before


@pytest.mark.parametrize("field", ["configuration_hash", "authentication_hash", "clusters"])
def test_a_change_rolls_one_after_the_other(
    workers: Workers, lab: Lab, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    digests: list[set[str]] = []

    def wait(self: Workers, names: Names, process: str) -> None:
        digests.append({spec.digest for spec in processes.declared(lab).values()})

    monkeypatch.setattr(Workers, "is_ready", lambda self, process: True)
    monkeypatch.setattr(Workers, "_wait_until_ready", wait)
    workers.reconcile(NAMES, DESIRED, token())
    old = {spec.digest for spec in processes.declared(lab).values()}
    assert digests == []
    changes: dict[str, Any] = {field: "other"}
    workers.reconcile(NAMES, replace(DESIRED, **changes), token())
    assert len(digests) == 2
    assert len(digests[0] & old) == 1
    assert not digests[1] & old


def test_scaling(workers: Workers, ready: list[str], lab: Lab) -> None:
    for replicas, expected in ((2, {FIRST, SECOND}), (1, {FIRST}), (0, set()), (2, {FIRST, SECOND})):
        workers.reconcile(NAMES, replace(DESIRED, replicas=replicas), token())
        assert processes.declared(lab).keys() == expected


def test_withdrawal_leaves_others_alone(workers: Workers, ready: list[str], lab: Lab) -> None:
    other = Names("kafka", "dr-mirrormaker2-0")
    workers.reconcile(NAMES, DESIRED, token())
    workers.reconcile(other, replace(DESIRED, replicas=1), token())
    assert workers.known() == [NAMES, other]
    workers.withdraw(NAMES)
    assert workers.known() == [other]


def test_a_worker_that_does_not_get_ready(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workers, "is_ready", lambda self, process: False)
    monkeypatch.setattr("lab.operator.mirror_maker2.workers.time.sleep", lambda seconds: None)
    with pytest.raises(Failure) as late:
        workers.reconcile(NAMES, DESIRED, token())
    assert late.value.reason == "StrimziTimeoutException"
    assert "Pods resource dr-mirrormaker2-1 in namespace kafka to be ready" in str(late.value)


def test_the_unready_are_rolled_first() -> None:
    assert by_readiness({"a": True, "b": False, "c": False}, ["a", "b", "c"]) == ["c", "b", "a"]


def test_tokens_are_kept_until_the_account_is_another(tmp_path: Path) -> None:
    cluster: Any = Cluster()
    path = tmp_path / "kubeconfig"
    for _ in range(3):
        token(cluster).ensure(path)
    assert cluster.tokens == 1
    cluster.uid = "u2"
    token(cluster).ensure(path)
    assert cluster.tokens == 2
    path.write_text("nonsense: [")
    token(cluster).ensure(path)
    assert cluster.tokens == 3


def test_jvm_options() -> None:
    assert jvm.options({}) == ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    given = {
        "-Xmx": "1g",
        "-XX": {"UseG1GC": True, "MaxGCPauseMillis": 20, "AlwaysPreTouch": "false", "TieredStopAtLevel": 4},
        "javaSystemProperties": [{"name": "a.b", "value": "c"}],
    }
    assert jvm.options(given) == [
        "-Xms128m",
        "-Xmx1g",
        "-XX:TieredStopAtLevel=4",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-XX:-AlwaysPreTouch",
        "-Da.b=c",
    ]

"""Reads of Kubernetes over HTTP: both generations of Strimzi's API, pages, refusals, `oc login`'s tokens."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotConnect, CouldNotRead, NotLoggedIn, NotThere

TOKEN = "sha256~t0k3nOfADeveloper"


class Api(HTTPServer):
    """A Kubernetes API on loopback: answers by path, and remembers who asked for what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.tokens: set[str | None] = set()
        self.accepted: set[str] = set()

    def serve(self, version: str, *kinds: str) -> None:
        self.answers[f"/apis/kafka.strimzi.io/{version}"] = {"resources": [{"kind": kind} for kind in kinds]}


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        self.server.asked.append((url.path, query))
        self.server.accepted.add(self.headers.get("Accept", ""))
        self.server.tokens.add(self.headers.get("Authorization"))
        answer = self.server.answers.get(url.path, 404)
        if callable(answer):
            answer = answer(query)
        code = answer if isinstance(answer, int) else 200
        body = {"kind": "Status", "message": f"told {code}"} if isinstance(answer, int) else answer
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def kubernetes(api: Api, tmp_path: Path) -> Kubernetes:
    """Through a kubeconfig as `oc login` writes it: names with slashes and colons, a bearer token."""
    host = f"127.0.0.1:{api.server_port}"
    (tmp_path / "config").write_text(f"""\
apiVersion: v1
kind: Config
preferences: {{}}
clusters:
- name: {host}
  cluster: {{server: "http://{host}", insecure-skip-tls-verify: true}}
contexts:
- name: kafka/{host}/developer
  context: {{cluster: "{host}", namespace: kafka, user: "developer/{host}"}}
current-context: kafka/{host}/developer
users:
- name: developer/{host}
  user: {{token: {TOKEN}}}
""")
    return Kubernetes.connect(tmp_path / "config")


KAFKA = "/apis/kafka.strimzi.io/{}/namespaces/kafka/kafkas/east"


def test_the_token_is_sent_and_never_shown(api: Api, kubernetes: Kubernetes) -> None:
    api.answers["/api/v1/namespaces/kafka/secrets/x"] = 401
    with pytest.raises(NotLoggedIn) as caught:
        kubernetes.secret("kafka", "x")
    assert api.tokens == {f"Bearer {TOKEN}"}
    assert "`oc login` again" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in kubernetes.where


def test_a_resource_that_nobody_has_converted_is_read_whole(api: Api, kubernetes: Kubernetes) -> None:
    """Strimzi 0.49 to 0.51 serve both. In v1 an older KafkaMirrorMaker2 has neither source nor target, and a
    KafkaUser's ACL no `operation`: the API server prunes what v1 does not have (CRDs of 0.49.0 and 0.51.0).
    """
    api.serve("v1", "Kafka", "KafkaUser")
    api.serve("v1beta2", "Kafka", "KafkaUser", "KafkaMirrorMaker2")
    api.answers[KAFKA.format("v1")] = {"kind": "Kafka"}
    api.answers[KAFKA.format("v1beta2")] = {"kind": "Kafka", "spec": {"older": True}}
    assert kubernetes.strimzi("Kafka", "kafka", "east")["spec"] == {"older": True}
    assert kubernetes.strimzi_path("Kafka", "kafka", "east") == KAFKA.format("v1beta2"), "also to patch it"
    assert kubernetes.strimzi_api("Kafka") == "v1", "what is declared is declared in the newest"
    assert kubernetes.strimzi_api("KafkaMirrorMaker2") == "v1beta2"


def test_strimzi_1_0_is_read_in_v1(api: Api, kubernetes: Kubernetes) -> None:
    api.serve("v1", "Kafka")
    api.answers[KAFKA.format("v1")] = {"kind": "Kafka"}
    assert kubernetes.strimzi("Kafka", "kafka", "east") == {"kind": "Kafka"}


def test_an_older_strimzi_is_read_in_v1beta2(api: Api, kubernetes: Kubernetes) -> None:
    api.serve("v1beta2", "Kafka")
    api.answers[KAFKA.format("v1beta2")] = {"kind": "Kafka"}
    for _ in range(3):
        assert kubernetes.strimzi("Kafka", "kafka", "east") == {"kind": "Kafka"}
    assert len([path for path, _ in api.asked if path.count("/") == 3]) == 1  # discovery is asked once


def test_no_strimzi(api: Api, kubernetes: Kubernetes) -> None:
    with pytest.raises(NotThere, match="install Strimzi's CRDs"):
        kubernetes.strimzi("Kafka", "kafka", "east")


def test_where_discovery_is_forbidden_the_newest_is_tried(api: Api, kubernetes: Kubernetes) -> None:
    api.answers["/apis/kafka.strimzi.io/v1"] = 403
    api.answers[KAFKA.format("v1")] = {"kind": "Kafka"}
    assert kubernetes.strimzi("Kafka", "kafka", "east") == {"kind": "Kafka"}
    with pytest.raises(CouldNotRead):
        kubernetes.strimzi_api("KafkaMirrorMaker2")


def test_lists_come_in_pages(api: Api, kubernetes: Kubernetes) -> None:
    def page(query: dict[str, list[str]]) -> dict[str, Any]:
        first = "continue" not in query
        name, following = ("a", "more=") if first else ("b", "")
        data = {"password": base64.b64encode(name.encode()).decode()}
        return {"items": [{"metadata": {"name": name}, "data": data}], "metadata": {"continue": following}}

    api.answers["/api/v1/namespaces/kafka/secrets"] = page
    found = kubernetes.secrets("kafka", {"strimzi.io/kind": "KafkaUser", "a": "b"})
    assert found == {"a": {"password": b"a"}, "b": {"password": b"b"}}
    assert [query["labelSelector"] for _, query in api.asked] == [["a=b,strimzi.io/kind=KafkaUser"]] * 2
    assert api.asked[1][1]["continue"] == ["more="]


@pytest.mark.parametrize(("code", "said"), [(403, "grant this user `list`"), (410, "try again")])
def test_a_list_that_is_refused(api: Api, kubernetes: Kubernetes, code: int, said: str) -> None:
    api.answers["/api/v1/namespaces/kafka/secrets"] = code
    with pytest.raises(CouldNotRead, match=said):
        kubernetes.secrets("kafka", {})


def test_a_secret_with_a_broken_value(api: Api, kubernetes: Kubernetes) -> None:
    api.answers["/api/v1/namespaces/kafka/secrets/x"] = {"data": {"password": "*"}}
    with pytest.raises(Exception, match="key password is not base64"):
        kubernetes.secret("kafka", "x")


def test_an_api_that_is_ill(api: Api, kubernetes: Kubernetes) -> None:
    api.answers["/api/v1/namespaces/kafka/secrets/x"] = 503
    with pytest.raises(CouldNotConnect, match="it answered 503: told 503"):
        kubernetes.secret("kafka", "x")


def test_the_metadata_of_a_secret_is_asked_for_without_its_content(api: Api, kubernetes: Kubernetes) -> None:
    api.answers["/api/v1/namespaces/kafka/secrets/a"] = {"metadata": {"name": "a"}}
    assert kubernetes.secret_metadata("kafka", "a") == {"name": "a"}
    (accepted,) = api.accepted
    assert "as=PartialObjectMetadata;" in accepted


def test_a_config_map_is_read_with_its_binary_part_decoded(api: Api, kubernetes: Kubernetes) -> None:
    path = "/api/v1/namespaces/kafka/configmaps/m-baseline"
    api.answers[path] = {"data": {"about": "2 topics"}, "binaryData": {"baseline": "AAE="}}
    assert kubernetes.config_map("kafka", "m-baseline") == {"about": b"2 topics", "baseline": b"\x00\x01"}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("ConfigMap", "/api/v1/namespaces/kafka/configmaps"),
        ("CronJob", "/apis/batch/v1/namespaces/kafka/cronjobs"),
        ("NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/kafka/networkpolicies"),
        ("RoleBinding", "/apis/rbac.authorization.k8s.io/v1/namespaces/kafka/rolebindings"),
        ("PrometheusRule", "/apis/monitoring.coreos.com/v1/namespaces/kafka/prometheusrules"),
    ],
)
def test_the_metadata_of_a_kind_is_listed_without_its_content(
    api: Api, kubernetes: Kubernetes, kind: str, path: str
) -> None:
    api.answers[path] = {"items": [{"metadata": {"name": "a"}}]}
    assert kubernetes.metadata(kind, "kafka") == [{"name": "a"}]
    (accepted,) = api.accepted
    assert "as=PartialObjectMetadataList;" in accepted

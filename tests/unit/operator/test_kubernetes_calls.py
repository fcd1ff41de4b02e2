"""What the operators ask of the Kubernetes API."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from lab.operator.kube import Kubernetes, Unreachable

USER = {
    "apiVersion": "kafka.strimzi.io/v1",
    "kind": "KafkaUser",
    "metadata": {"name": "u", "namespace": "kafka"},
}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "kafka"}}


class Api:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.answer: tuple[int, Any] = (200, {})

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content) if request.content else None
        self.calls.append((request.method, request.url.path, body))
        return httpx2.Response(self.answer[0], json=self.answer[1])


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def kube(api: Api, tmp_path: Path) -> Kubernetes:
    config = {
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": {"server": "http://api"}}],
        "users": [{"name": "admin", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "admin"}}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return Kubernetes(path, httpx2.MockTransport(api.handle))


def refusal(code: int) -> tuple[int, Any]:
    return code, {"kind": "Status", "code": code, "message": "no", "reason": "x"}


def test_absent_is_none_and_forbidden_is_raised(api: Api, kube: Kubernetes) -> None:
    api.answer = refusal(404)
    assert kube.read("KafkaUser", "kafka", "u") is None
    assert kube.secret("kafka", "s") is None
    kube.delete("Secret", "kafka", "s")
    api.answer = refusal(403)
    with pytest.raises(Unreachable):
        kube.read("KafkaUser", "kafka", "u")


def test_an_api_server_that_has_just_started_does_not_serve_strimzis_kinds(
    api: Api, kube: Kubernetes
) -> None:
    api.answer = refusal(404)
    assert not kube.serves_strimzi()
    api.answer = (200, {"items": [], "metadata": {}})
    assert kube.serves_strimzi()
    assert {path for _, path, _ in api.calls} == {
        f"/apis/kafka.strimzi.io/v1/{plural}" for plural in ("kafkas", "kafkausers", "kafkamirrormaker2s")
    }


def test_secrets_are_decoded_and_encoded(api: Api, kube: Kubernetes) -> None:
    api.answer = (200, SECRET | {"data": {"k": base64.b64encode(b"v").decode()}})
    assert kube.secret("kafka", "s") == {"k": b"v"}
    kube.put(SECRET | {"data": {"k": b"w"}}, None)
    method, path, body = api.calls[-1]
    assert (method, path) == ("POST", "/api/v1/namespaces/kafka/secrets")
    assert body["data"] == {"k": base64.b64encode(b"w").decode()}


def test_replacing_says_what_it_replaces(api: Api, kube: Kubernetes) -> None:
    api.answer = (200, SECRET)
    kube.put(SECRET | {"data": {}}, {"metadata": {"resourceVersion": "7"}})
    method, path, body = api.calls[-1]
    assert (method, path) == ("PUT", "/api/v1/namespaces/kafka/secrets/s")
    assert body["metadata"]["resourceVersion"] == "7"


@pytest.mark.parametrize("code", [200, 404, 409])
def test_the_status_is_replaced_as_a_whole(api: Api, kube: Kubernetes, code: int) -> None:
    api.answer = (200, USER) if code == 200 else refusal(code)
    kube.write_status(USER | {"status": {"old": 1}}, {"new": 2})
    method, path, body = api.calls[-1]
    assert (method, path) == ("PUT", "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkausers/u/status")
    assert body["status"] == {"new": 2}


def test_annotations_are_removed_by_a_merge_patch(api: Api, kube: Kubernetes) -> None:
    api.answer = (200, USER)
    kube.remove_annotations(USER, ["a", "b"])
    assert api.calls[-1][0] == "PATCH"
    assert api.calls[-1][2] == {"metadata": {"annotations": {"a": None, "b": None}}}


def test_tokens_are_asked_for_at_the_service_account(api: Api, kube: Kubernetes) -> None:
    api.answer = (201, {"status": {"token": "t", "expirationTimestamp": "2026-01-01T00:00:00Z"}})
    assert kube.token("kafka", "dr", 60) == "t"
    method, path, body = api.calls[-1]
    assert (method, path) == ("POST", "/api/v1/namespaces/kafka/serviceaccounts/dr/token")
    assert body["spec"]["expirationSeconds"] == 60


def test_a_workers_kubeconfig_has_the_token_and_no_other_credential(kube: Kubernetes, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"authority")
    admin = yaml.safe_load((tmp_path / "kubeconfig").read_text())
    admin["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    admin["users"][0]["user"] = {"client-key-data": "secret"}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(admin))
    config = yaml.safe_load(kube.kubeconfig("kafka", "t"))
    assert config["users"] == [{"name": "pod", "user": {"token": "t"}}]
    assert config["clusters"][0]["cluster"] == {
        "server": "http://api",
        "certificate-authority-data": base64.b64encode(b"authority").decode(),
    }

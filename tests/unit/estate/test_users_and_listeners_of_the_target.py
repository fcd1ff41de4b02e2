"""When a KafkaUser counts as Ready, and which listeners accept its kind of login."""

from __future__ import annotations

from typing import Any

from mirror.estate.kafka_listeners import taking
from mirror.estate.target_clients import unready


def test_ready_means_seen_in_its_newest_generation() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 2}
    assert unready({"metadata": {"generation": 2}, "status": ready}) is None
    assert "generation 2" in str(unready({"metadata": {"generation": 3}, "status": ready}))
    assert "has not looked" in str(unready({}))
    failed = {"conditions": [{"type": "NotReady", "status": "True", "reason": "InvalidResource"}]}
    assert "InvalidResource" in str(unready({"status": failed}))


def test_listeners_that_take_a_kind_the_mirrors_own_first() -> None:
    def listener(name: str, kind: str, where: str, tls: bool = True) -> dict[str, Any]:
        return {"name": name, "tls": tls, "type": where, "authentication": {"type": kind}}

    kafka = {
        "spec": {
            "kafka": {
                "listeners": [
                    listener("inside", "scram-sha-512", "internal"),
                    listener("open", "scram-sha-512", "nodeport", tls=False),
                    listener("outside", "scram-sha-512", "nodeport"),
                    listener("mtls", "tls", "nodeport"),
                    listener("coming", "tls", "nodeport"),
                ]
            }
        },
        "status": {
            "listeners": [
                {"name": name, "bootstrapServers": f"{name}:9094", "certificates": ["pem"]}
                for name in ("inside", "open", "outside", "mtls")
            ]
        },
    }
    assert [one.name for one in taking(kafka, "scram-sha-512", "mtls")] == ["outside", "inside"]
    assert [one.name for one in taking(kafka, "scram-sha-512", "inside")] == ["inside", "outside"]
    assert [one.bootstrap_servers for one in taking(kafka, "tls", "mtls")] == ["mtls:9094"]

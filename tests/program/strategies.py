"""Sound settings of every kind that shapes what is rendered, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from settings.load import load
from settings.model import Settings
from tests.program.every_setting import ANTI_AFFINITY, SPREAD
from tests.unit.settings.sample import raw

names = st.from_regex(r"[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
aliases = st.from_regex(r"[a-zA-Z0-9_]{1,20}", fullmatch=True)
seconds = st.integers(1, 86_400)
HIDDEN = {"secure": "v1:AAAAAAAA:hidden"}
"""A value that only Pulumi can decrypt."""


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the source's settings beside its alias: on Kubernetes, or anywhere else."""
    if draw(st.booleans()):
        return {"source__authentication": draw(st.sampled_from(["tls", "scram-sha-512"]))}
    authentication = draw(st.sampled_from(["tls", "scram-sha-512", "scram-sha-256", "plain"]))
    login = {"certificate": HIDDEN, "key": HIDDEN} if authentication == "tls" else {"password": HIDDEN}
    trust: dict[str, Any] = {"public_ca": True} if draw(st.booleans()) else {"ca": HIDDEN}
    return {
        "source__authentication": authentication,
        "source__credentials": {**login, **trust},
        "source__bootstrap_servers": "kafka-1.example.com:9094,kafka-2.example.com:9094",
        **{f"source__{key}": None for key in ("cluster", "namespace", "kubeconfig", "listener")},
        "users__copy": [],
    }


@st.composite
def workers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the workers' settings; each may be absent."""
    given = {
        "workers__version": st.just("4.3.1"),
        "workers__image": st.just("registry.example.com/kafka:4.3.1"),
        "workers__resources": st.just({"limits": {"memory": "2Gi"}}),
        "workers__jvm_options": st.just({"-Xmx": "1g"}),
        "workers__rack_topology_key": st.just("topology.kubernetes.io/zone"),
        "workers__affinity": st.just(ANTI_AFFINITY),
        "workers__topology_spread_constraints": st.just([SPREAD]),
        "workers__tolerations": st.just([{"key": "kafka", "operator": "Exists"}]),
        "workers__max_unavailable": st.integers(0, 3),
        "workers__template": st.just({"pod": {"metadata": {"labels": {"team": "platform"}}}}),
        "workers__loggers": st.just({"rootLogger.level": "WARN"}),
        "workers__metrics": st.sampled_from(["jmx-exporter", "strimzi-reporter"]),
        "workers__tracing": st.just("opentelemetry"),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(given))))
    values = {key: draw(given[key]) for key in sorted(chosen)}
    return {"workers__replicas": draw(st.integers(1, 9)), **values}


@st.composite
def rendered_settings(draw: st.DrawFn) -> Settings:
    """Draw sound settings."""
    source, target = draw(st.lists(aliases, min_size=2, max_size=2, unique=True))
    changes: dict[str, Any] = {
        "source__alias": source,
        "target__alias": target,
        "target__authentication": draw(st.sampled_from(["tls", "scram-sha-512"])),
        "target__api_version": draw(st.sampled_from(["auto", "v1", "v1beta2"])),
        "mirror__name": draw(names),
        "mirror__topics": draw(st.lists(names, min_size=1, max_size=4, unique=True)),
        "mirror__topics_exclude": draw(st.lists(names, max_size=2, unique=True)),
        "mirror__replication_policy": draw(st.sampled_from(["identity", "default"])),
        "mirror__replication_policy_separator": draw(st.sampled_from([".", "-"])),
        "mirror__profile": draw(st.sampled_from(["balanced", "throughput", "low-latency", "wan"])),
        "mirror__exactly_once": draw(st.booleans()),
        "mirror__offset_syncs_topic_location": draw(st.sampled_from(["source", "target"])),
        "mirror__state": draw(st.sampled_from(["running", "paused", "stopped"])),
        "mirror__heartbeats_interval_seconds": draw(st.sampled_from([0, 0, 5])),
        "mirror__auto_restart_max": draw(st.none() | st.integers(0, 9)),
        "mirror__refresh_topics_interval_seconds": draw(seconds),
        "mirror__emit_checkpoints_interval_seconds": draw(seconds),
        "mirror__topic_configs_exclude": draw(st.lists(names, max_size=2, unique=True)),
        "mirror__config": draw(
            st.sampled_from([{}, {"source_client": {"ssl.enabled.protocols": "TLSv1.3"}}])
        ),
        "users__copy": [f"user-{name}" for name in draw(st.lists(names, unique=True, max_size=3))],
        **draw(workers()),
        **draw(sources()),
    }
    return load(raw(**changes))

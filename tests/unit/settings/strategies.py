"""Sound stacks of all kinds, as a stack file gives them, and values that may be anything."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

names = st.from_regex(r"[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
aliases = st.from_regex(r"[a-zA-Z0-9_]{1,20}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
secrets = st.builds(lambda text: {"secure": f"v1:{text}"}, names)
patterns = names | st.sampled_from([r"orders\..*", ".*", "(a|b)-.*", "[a-m]+", r"x\.y"])
starts = st.sampled_from(["earliest", "latest", "2026-11-01T00:00:00Z", "2026-11-01T12:00:00+01:00"])
labels = st.dictionaries(names, names | st.just("") | st.booleans(), max_size=2)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
"""Any JSON value."""


def some(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a section of which any setting may be left out."""
    return st.fixed_dictionaries({}, optional=strategies)


def unique(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=least, max_size=3, unique=True)


@st.composite
def sources(draw: st.DrawFn, alias: str) -> dict[str, Any]:
    """Draw a source of each of the three origins."""
    common = {"alias": alias, "bootstrap_servers": "a.example.com:9094, [::1]:9094"}
    origin = draw(st.sampled_from(["kubernetes", "exported", "credentials"]))
    strimzi = {"user": draw(names), "authentication": draw(st.sampled_from(["scram-sha-512", "tls"]))}
    if origin == "kubernetes":
        where = {"cluster": draw(names), "namespace": "kafka", "context": "source-context"}
        return {
            **common,
            **strimzi,
            **where,
            **draw(some({"listener": st.just("tls"), "kubeconfig": texts.filter(str.strip)})),
        }
    if origin == "exported":
        files = {"cluster_ca": draw(texts | secrets), "user": draw(secrets), "kafka_users": [draw(secrets)]}
        return {**common, **strimzi, "exported": files}
    trust: dict[str, object] = draw(st.sampled_from([{"public_ca": True}, {"ca": {"secure": "v1:ca"}}]))
    authentication = draw(st.sampled_from(["plain", "scram-sha-256", "scram-sha-512", "tls"]))
    given = (
        {"certificate": draw(secrets), "key": draw(secrets)}
        if authentication == "tls"
        else {"password": draw(secrets)}
    )
    return {
        **common,
        "user": "API+KEY/1",
        "authentication": authentication,
        "credentials": {**trust, **given},
    }


def mirrors() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a section `mirror`, all but its name."""
    seconds = st.integers(1, 86_400)
    optional = {
        "topics_exclude": unique(patterns),
        "groups": unique(patterns, 1),
        "groups_exclude": unique(patterns),
        "replication_policy": st.sampled_from(["identity", "default"]),
        "replication_policy_separator": st.sampled_from([".", "-"]),
        "profile": st.sampled_from(["balanced", "throughput", "low-latency", "wan"]),
        "expected_partitions": st.integers(1, 1000) | st.none(),
        "expected_round_trip_ms": st.integers(0, 1000),
        "tasks_max": st.integers(1, 100) | st.none(),
        "exactly_once": st.booleans(),
        "offset_syncs_topic_location": st.sampled_from(["source", "target"]),
        "replication_factor": st.sampled_from([-1, 1, 3]),
        "refresh_topics_interval_seconds": seconds,
        "emit_checkpoints_interval_seconds": seconds,
        "state": st.sampled_from(["running", "paused", "stopped"]),
        "start_from": starts,
        "start_from_by_topic": st.dictionaries(patterns, starts, max_size=2),
        # `.*` would leave out cleanup.policy, which is a loss of its own.
        "topic_configs_exclude": unique(patterns.filter(lambda one: one != ".*")),
        "auto_restart_max": st.integers(0, 9) | st.none(),
        "group_id": texts.filter(str.strip),
        "configs_topic": st.just("the.configs"),
        "leftovers": st.sampled_from(["refuse", "adopt"]),
        "config": st.sampled_from(
            [
                {},
                {
                    "source_connector": {"producer.override.linger.ms": 7},
                    "worker": {"session.timeout.ms": "9000"},
                },
                {
                    "source_client": {"ssl.protocol": "TLSv1.3"},
                    "checkpoint_connector": {"a.ratio.of.my.own": 1.5},
                },
            ]
        ),
    }
    needed = {"topics": unique(patterns, 1)}
    return st.fixed_dictionaries(needed, optional=optional)


def workers() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a section `workers`."""
    return some(
        {
            "replicas": st.integers(1, 9),
            "version": st.sampled_from(["4.3.1", "3.9.0"]),
            "resources": st.fixed_dictionaries({"limits": st.just({"memory": "2Gi", "cpu": 2})}),
            "jvm_options": st.sampled_from([{"-Xmx": "1g"}, {"-XX": {"UseG1GC": True}}]),
            "tolerations": st.sampled_from([[], [{"key": "kafka", "operator": "Exists"}]]),
            "max_unavailable": st.integers(0, 3),
            "template": st.sampled_from([{}, {"pod": {"securityContext": {"runAsUser": 5}}}]),
            "loggers": st.sampled_from([{}, {"rootLogger.level": "DEBUG"}]),
            "metrics": st.sampled_from(["none", "jmx-exporter", "strimzi-reporter"]),
        }
    )


def cutovers(copied: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a section `cutover` for these copied users."""
    workloads = st.fixed_dictionaries(
        {
            "side": st.sampled_from(["source", "target"]),
            "role": st.sampled_from(["consumer", "producer"]),
            "namespace": names,
            "labels": st.dictionaries(names, names, min_size=1, max_size=2),
            "kubeconfig": names,
        },
        optional={"context": names},
    )
    alike = st.lists(workloads, max_size=2, unique_by=lambda one: str(one["namespace"]))
    binding = st.fixed_dictionaries({"name": st.just("kafka-active")}, optional={"namespace": names})
    return some(
        {
            "workloads": alike,
            "rollout_seconds": st.integers(10, 900),
            # Hypothesis tries constants of the code, too: a command must not have one that looks secret.
            "switch_command": st.lists(names, max_size=3),
            "binding": binding.map(lambda one: {**one, "users": copied}),
        }
    )


@st.composite
def stacks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the sections of a sound stack with one mirror."""
    one, other = draw(st.lists(aliases, min_size=2, max_size=2, unique=True))
    source = draw(sources(one))
    users = {}
    if "credentials" not in source:
        users = draw(
            some({"selector": labels, "tls": st.sampled_from(["new-certificate", "keep-certificate"])})
        )
        users["copy"] = [f"user-{name}" for name in draw(unique(names))]
    target = {"alias": other, "cluster": draw(names), "namespace": "kafka", "listener": "tls", "context": "t"}
    return {
        "source": source,
        "target": {**target, **draw(some({"api_version": st.sampled_from(["auto", "v1", "v1beta2"])}))},
        "mirror": {**draw(mirrors()), "name": draw(names)},
        "workers": draw(workers()),
        "users": users,
        "verification": draw(some({"enabled": st.booleans(), "deadline_seconds": st.integers(0, 600)})),
        "cutover": draw(cutovers(users.get("copy", []))),
        "monitoring": draw(
            some(
                {
                    "enabled": st.booleans(),
                    "labels": labels,
                    "runbook_url": texts.filter(str.strip),
                    "dashboard": st.booleans(),
                    "service_monitor": st.booleans(),
                    "exporter_interval_seconds": st.integers(5, 600),
                }
            ).filter(lambda one: one.get("enabled") or not one.get("service_monitor"))
        ),
    }

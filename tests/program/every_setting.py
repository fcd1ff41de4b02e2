"""Raw settings in which every setting that shapes the KafkaMirrorMaker2 has a value of its own."""

from __future__ import annotations

from typing import Any

from tests.unit.settings.sample import raw

SPREAD = {
    "maxSkew": 1,
    "topologyKey": "topology.kubernetes.io/zone",
    "whenUnsatisfiable": "ScheduleAnyway",
    "labelSelector": {"matchLabels": {"strimzi.io/cluster": "east-to-west"}},
}
ANTI_AFFINITY = {
    "podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {
                "weight": 100,
                "podAffinityTerm": {
                    "topologyKey": "kubernetes.io/hostname",
                    "labelSelector": {"matchLabels": {"strimzi.io/cluster": "east-to-west"}},
                },
            }
        ]
    }
}


def every_setting(api: str = "v1", **changes: object) -> dict[str, Any]:
    """Return them for one generation of Strimzi's API."""
    return raw(
        **{
            "target__api_version": api,
            "mirror__topics": ["orders", r"payments\..*"],
            "mirror__topics_exclude": [r"payments\.tmp"],
            "mirror__groups": ["orders-.*"],
            "mirror__groups_exclude": ["orders-adhoc"],
            "mirror__moved": {"topics": ["payments.eu"], "groups": ["orders-eu"]},
            "mirror__profile": "throughput",
            "mirror__topic_configs_exclude": [r"retention\..*"],
            "mirror__auto_restart_max": 7,
            "mirror__heartbeats_interval_seconds": 5,
            "mirror__group_id": "connect-cluster-1",
            "mirror__configs_topic": "connect-configs",
            "mirror__offsets_topic": "connect-offsets",
            "mirror__status_topic": "connect-status",
            "mirror__config": {
                "source_connector": {"add.source.alias.to.metrics": "true"},
                "checkpoint_connector": {"admin.timeout.ms": "30000"},
                "worker": {"scheduled.rebalance.max.delay.ms": "60000"},
                "source_client": {"ssl.enabled.protocols": "TLSv1.3"},
            },
            "workers__replicas": 3,
            "workers__version": "4.3.1",
            "workers__image": "registry.example.com/kafka:4.3.1",
            "workers__resources": {
                "requests": {"cpu": "1", "memory": "2Gi"},
                "limits": {"memory": "2Gi"},
            },
            "workers__jvm_options": {
                "-Xmx": "1g",
                "-XX": {"UseG1GC": "true"},
                "javaSystemProperties": [{"name": "java.net.preferIPv4Stack", "value": "true"}],
            },
            "workers__rack_topology_key": "topology.kubernetes.io/zone",
            "workers__affinity": ANTI_AFFINITY,
            "workers__topology_spread_constraints": [SPREAD],
            "workers__tolerations": [{"key": "kafka", "operator": "Exists", "effect": "NoSchedule"}],
            "workers__max_unavailable": 2,
            "workers__template": {
                "pod": {"metadata": {"labels": {"team": "platform"}}, "terminationGracePeriodSeconds": 60},
                "podDisruptionBudget": {"metadata": {"annotations": {"owner": "platform"}}},
            },
            "workers__loggers": {
                "rootLogger.level": "INFO",
                "logger.mirror.name": "org.apache.kafka.connect.mirror",
                "logger.mirror.level": "DEBUG",
            },
            "workers__metrics": "jmx-exporter",
            "workers__tracing": "opentelemetry",
            "users__copy": [],
            **changes,
        }
    )

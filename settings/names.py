"""All names that derive from the settings."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from settings import replication_policy
from settings.model import Settings

CRON_JOB_NAME_MAX = 52
"""Maximum length. Kubernetes adds 11 characters for each Job, and its pods have that name as a label."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one mirror's resources, users, connectors and topics."""

    mirror: str
    """metadata.name of the KafkaMirrorMaker2."""
    group_id: str
    """Connect's group.id on the target."""
    configs_topic: str
    offsets_topic: str
    status_topic: str
    mirror_user: str
    """The KafkaUser (and its Secret) as which MM2 writes to the target."""
    verifier_user: str
    """The KafkaUser (and its Secret) as which verification reads the target."""
    source_ca_secret: str
    """On the target: copy of the certificates of the source's cluster CA; or `secret_ref.ca_secret`."""
    source_user_secret: str
    """On the target: copy of the source user's credential; or `source.credentials.secret_ref.name`."""
    target_ca_secret: str
    """On the target: Strimzi's own Secret with the target's cluster CA, or `target.ca_secret`."""
    metrics_config_map: str
    """On the target: the JMX exporter's rules."""
    alerts: str
    """On the target: the PrometheusRule."""
    dashboard: str
    """On the target: the ConfigMap with Grafana's dashboard."""
    exporter: str
    """On the target: the exporter's Deployment, Service, ServiceAccount, ConfigMap and ServiceMonitor."""
    baseline_config_map: str
    """On the target: the ConfigMap with the baseline, the state of the source when mirroring began."""
    verification: str
    """On the target, with `verification.runner: job`: the ServiceAccount, its Role, and the ConfigMap with
    the newest report."""
    verification_settings: str
    """On the target: the ConfigMap from which the Job reads the settings."""
    verification_cron_job: str
    """On the target: the CronJob with the template for the Job of each verification."""
    audit_job: str
    """On the target: the Indexed Job that audits every record, if it is created."""
    cutover: str
    """On the target: the ConfigMap with the journal of a cutover, and the Lease of its operator."""
    failover_job: str
    """On the target: the Job of a failover with its ServiceAccount, Role and ConfigMap, if they are created;
    the names of its dry run end with `-dry-run`."""
    last_look: str
    """On the target: the ConfigMap with the last look that saw the source."""
    heartbeats: str
    """metadata.name of the heartbeats' KafkaConnect and KafkaConnector, and their group.id on the target."""
    heartbeats_topics: tuple[str, str, str]
    """The heartbeats' Connect's own topics on the target: configs, offsets, status."""
    source_connector: str
    checkpoint_connector: str
    checkpoints_topic: str
    """On the target."""
    offset_syncs_topic: str
    """On the cluster that mirror.offset_syncs_topic_location names."""

    @classmethod
    def of(cls, settings: Settings) -> Names:
        """Derive all names."""
        mirror, name = settings.mirror, settings.mirror.name
        source, target = settings.source.alias, settings.target.alias
        separator = settings.mirror.replication_policy_separator
        # MM2 names the offset-syncs topic after the *other* cluster (MirrorConnectorConfig.offsetSyncsTopic,
        # KIP-716).
        other = source if settings.mirror.offset_syncs_topic_location == "target" else target
        # An alias may contain characters that a Kubernetes name may not.
        referred = settings.source.secret_ref
        copied = "-".join(filter(None, (name, re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-"))))
        # As in Strimzi's examples. MM2's filter excludes topics that begin with two underscores: a mirror of
        # `.*` in the other direction, or on to a third region, must not copy Connect's own topics.
        return cls(
            mirror=name,
            group_id=mirror.group_id or name,
            configs_topic=mirror.configs_topic or f"__{name}-config",
            offsets_topic=mirror.offsets_topic or f"__{name}-offset",
            status_topic=mirror.status_topic or f"__{name}-status",
            mirror_user=name,
            verifier_user=f"{name}-verifier",
            source_ca_secret=(referred and referred.ca_secret) or f"{copied}-cluster-ca-cert",
            source_user_secret=referred.name if referred else f"{copied}-user",
            target_ca_secret=settings.target.ca_secret or f"{settings.target.cluster}-cluster-ca-cert",
            metrics_config_map=f"{name}-metrics",
            alerts=f"{name}-alerts",
            dashboard=f"{name}-dashboard",
            exporter=f"{name}-exporter",
            baseline_config_map=f"{name}-baseline",
            verification=f"{name}-verification",
            verification_settings=f"{name}-verification-settings",
            verification_cron_job=_fitting(f"{name}-verification", CRON_JOB_NAME_MAX),
            audit_job=f"{name}-audit",
            cutover=f"{name}-cutover",
            failover_job=f"{name}-failover",
            last_look=f"{name}-last-look",
            heartbeats=f"{name}-heartbeats",
            heartbeats_topics=(
                f"__{name}-heartbeats-config",
                f"__{name}-heartbeats-offset",
                f"__{name}-heartbeats-status",
            ),
            source_connector=f"{source}->{target}.MirrorSourceConnector",
            checkpoint_connector=f"{source}->{target}.MirrorCheckpointConnector",
            checkpoints_topic=replication_policy.checkpoints_topic(separator, source),
            offset_syncs_topic=replication_policy.offset_syncs_topic(separator, other),
        )

    def password_secret(self, user: str) -> str:
        """Name the Secret with a copied user's password.

        It must not be the user's own name: the User Operator overwrites a Secret of that name with a new
        password.
        """
        return f"{self.mirror}-{user}-password"


def copy_of(settings: Settings, topic: str) -> str:
    """Name the copy of a source's topic on the target."""
    mirror = settings.mirror
    return replication_policy.remote_topic(
        mirror.replication_policy, mirror.replication_policy_separator, settings.source.alias, topic
    )


def original_of(settings: Settings, copy: str) -> str | None:
    """Name the source's topic whose copy on the target has this name; None where no topic can have it.

    The inverse of `copy_of`. `upstream_topic` is not: it takes a copy from any other cluster for one, too.
    """
    prefix = f"{settings.source.alias}{settings.mirror.replication_policy_separator}"
    topics = (copy, copy.removeprefix(prefix))
    return next((topic for topic in topics if topic and copy_of(settings, topic) == copy), None)


def source_secrets(settings: Settings) -> tuple[str, ...]:
    """Name the Secrets that the stack creates for the source's CA and user: none of those that
    `source.credentials.secret_ref` names, which something else maintains.
    """
    names, referred = Names.of(settings), settings.source.secret_ref
    found = () if referred and referred.ca_secret else (names.source_ca_secret,)
    return (*found, names.source_user_secret) if settings.source.has_credential and not referred else found


def internal_topics(settings: Settings) -> tuple[str, ...]:
    """Name the topics on the target in which Connect and MM2 keep the state of this one mirror."""
    names, mirror = Names.of(settings), settings.mirror
    topics = [names.configs_topic, names.offsets_topic, names.status_topic, names.checkpoints_topic]
    if mirror.offset_syncs_topic_location == "target":
        topics.append(names.offset_syncs_topic)
    if mirror.heartbeats_interval_seconds:
        topics += names.heartbeats_topics
    return tuple(topics)


def _fitting(name: str, longest: int) -> str:
    """Return the name, shortened and with a digest if it is too long."""
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - len(mark) - 1].rstrip('-')}-{mark}"

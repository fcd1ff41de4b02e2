"""Rules for the addresses and the aliases of the two clusters."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.names import Names
from settings.problems import MISSING, Problem


def aliases_differ(settings: Settings) -> Iterator[Problem]:
    """With equal aliases Strimzi deploys the mirror and reports Ready, but the connectors lack the target's
    CA.
    """
    if settings.source.alias == settings.target.alias:
        remedy = "Name each cluster after its region"
        yield Problem("target.alias", settings.target.alias, "must differ from source.alias", remedy)


def clusters_differ(settings: Settings) -> Iterator[Problem]:
    """A cluster that is mirrored to itself grows without limit."""
    source, target = settings.source, settings.target
    if source.cluster is not None and (
        (source.kubeconfig, source.context, source.namespace, source.cluster)
        == (target.kubeconfig, target.context, target.namespace, target.cluster)
    ):
        rule = "is also the source's cluster: same kubeconfig, context, namespace and name"
        yield Problem("target.cluster", target.cluster, rule, "Set source.context or target.context")


def source_alias_is_readable(settings: Settings) -> Iterator[Problem]:
    """`DefaultReplicationPolicy.topicSource` splits at the separator."""
    yield from _readable(settings, "source.alias", settings.source.alias)


def target_alias_is_readable(settings: Settings) -> Iterator[Problem]:
    """Else MM2 would not recognise its own topics, and would mirror them in a loop."""
    yield from _readable(settings, "target.alias", settings.target.alias)


def _readable(settings: Settings, path: str, alias: str) -> Iterator[Problem]:
    mirror = settings.mirror
    if mirror.replication_policy == "default" and mirror.replication_policy_separator in alias:
        separator = mirror.replication_policy_separator
        rule = (
            f"must not contain mirror.replication_policy_separator ({separator!r}) with replication_policy "
            "default: MM2 could not determine the source of a topic"
        )
        yield Problem(path, alias, rule, "Choose another alias or separator")


def source_is_somewhere(settings: Settings) -> Iterator[Problem]:
    """The source needs an address; which setting gives it depends on the origin of its credentials."""
    source = settings.source
    if source.origin == "kubernetes":
        if source.listener is None and source.bootstrap_servers is None:
            rule = (
                "is missing, and so is source.bootstrap_servers: one of them is required for the source's "
                "address"
            )
            remedy = "Name a listener of the source's Kafka resource, or the addresses"
            yield Problem("source.listener", MISSING, rule, remedy)
    elif source.bootstrap_servers is None:
        rule = f"is missing: with source.{source.origin} it is the only address of the source"
        yield Problem("source.bootstrap_servers", MISSING, rule, "Write e.g. kafka-1.example.com:9094")


def source_is_on_kubernetes(settings: Settings) -> Iterator[Problem]:
    """A source that is read from Kubernetes needs a cluster and a namespace."""
    source = settings.source
    if source.origin == "kubernetes":
        remedy = "Set it; if that Kubernetes cannot be read, set source.exported or source.credentials"
        if source.cluster is None:
            rule = "is missing: it is required to find the source on Kubernetes"
            yield Problem("source.cluster", MISSING, rule, remedy)
        if source.namespace is None:
            rule = "is missing: it is required to find the source on Kubernetes"
            yield Problem("source.namespace", MISSING, rule, remedy)


def source_is_not_on_kubernetes(settings: Settings) -> Iterator[Problem]:
    """Reject settings that have no effect."""
    source = settings.source
    if source.origin == "kubernetes":
        return
    for key in ("kubeconfig", "context", "listener"):
        if (value := getattr(source, key)) is not None:
            rule = f"has no effect with source.{source.origin}, which does not use the source's Kubernetes"
            yield Problem(f"source.{key}", value, rule, "Remove the line")


def own_topics_differ(settings: Settings) -> Iterator[Problem]:
    """Connect needs three compacted topics, and MM2 two more; all must differ."""
    names = Names.of(settings)
    taken = {
        names.checkpoints_topic: "MM2's checkpoints topic",
        names.offset_syncs_topic: "MM2's offset-syncs topic",
    }
    for key in ("configs_topic", "offsets_topic", "status_topic"):
        topic = getattr(names, key)
        if topic in taken:
            rule = f"must be a separate topic, but is {taken[topic]}"
            yield Problem(f"mirror.{key}", topic, rule, "Choose another name")
        taken[topic] = f"mirror.{key}"


RULES = (
    aliases_differ,
    clusters_differ,
    source_alias_is_readable,
    target_alias_is_readable,
    source_is_somewhere,
    source_is_on_kubernetes,
    source_is_not_on_kubernetes,
    own_topics_differ,
)

"""Rules about the names of Connect's group, topics and aliases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from manifests.strimzi.resource import CONNECT_DEFAULTS
from policy.documents import Documents
from policy.examples import REMOVED, SOURCE, TARGET, sound
from policy.flows import SAME, known_flows
from policy.rule import Context, Rule, Violation
from settings.filters import TOPICS_EXCLUDE_DEFAULT
from settings.patterns import matches

_NAMES = tuple(CONNECT_DEFAULTS)


def _pinned(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        missing = [name for name in _NAMES if not spec.connect.get(name)]
        if missing:
            yield Violation(document.subject, f"not set: {', '.join(missing)}")


def _unshared(documents: Documents, context: Context) -> Iterator[Violation]:
    users: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    subjects = {}
    for known in known_flows(documents, context):
        document = known.mirror.document
        label = f"{document.name} in {document.origin}"
        subjects[label] = document.subject
        # Without names, mirrors of v1beta2 share those that Strimzi gives to all of them.
        for name, value in {**CONNECT_DEFAULTS, **known.mirror.spec.connect}.items():
            users[known.flow.destination, str(value)][label] = name
    for (_, value), found in users.items():
        for label, name in found.items():
            if others := [other for other in found if other != label]:
                yield Violation(subjects[label], f"{name} {value} is also used by {', '.join(others)}")


def _hidden(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        shown = [
            str(topic)
            for name in _NAMES[1:]
            if (topic := spec.connect.get(name)) and not matches(TOPICS_EXCLUDE_DEFAULT, str(topic))
        ]
        if shown:
            yield Violation(
                document.subject,
                f"a mirror of .* from {spec.target.get('alias')} would copy this mirror's state: "
                f"{', '.join(shown)}",
            )


def _aliases(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        sources = [flow.alias for flow in spec.mirrors]
        for alias in dict.fromkeys(sources):
            if alias == spec.target.get("alias"):
                yield Violation(document.subject, f"alias {alias} is that of the source and of the target")
            if sources.count(alias) > 1:
                yield Violation(document.subject, f"{sources.count(alias)} sources have the alias {alias}")


RULES = (
    Rule(
        id="internal-names-pinned",
        title="Connect's group and topics are named",
        severity="error",
        reason="v1beta2 has defaults that are the same for every KafkaMirrorMaker2 (mirrormaker2-cluster): "
        "two mirrors into one cluster become one Connect cluster and delete each other's connectors. A name "
        "that changes starts the mirror from the beginning",
        source="Strimzi, `KafkaMirrorMaker2Configuration`; strimzi-kafka-operator #5366",
        remedy="Write the names that are in use now, before anything changes them: groupId, "
        "configStorageTopic, offsetStorageTopic and statusStorageTopic of spec.target (v1), or group.id and "
        "the three *.storage.topic in the target's config (v1beta2)",
        judge=_pinned,
        passing=(sound(),),
        failing=(sound(((*TARGET, "groupId"), REMOVED)),),
    ),
    Rule(
        id="internal-names-unshared",
        title="No two mirrors share Connect's group or topics",
        severity="error",
        reason="Workers with the same group share connectors, and each mirror overwrites the positions of "
        "the other",
        source="Kafka Connect, `DistributedConfig`",
        remedy="Give each KafkaMirrorMaker2 names of its own, derived from its name. " + SAME,
        judge=_unshared,
        passing=(sound(),),
        failing=(sound(), sound(name="other")),
        across=True,
    ),
    Rule(
        id="internal-topics-hidden",
        title="Connect's topics are not mirrored on",
        severity="warning",
        reason="Topics that begin with two underscores are left out by MirrorMaker 2. Others are copied by a "
        "mirror of .* in the other direction, or on to a third region",
        source="`DefaultTopicFilter.TOPICS_EXCLUDE_DEFAULT`; Strimzi 1.2.0, kafka-mirror-maker-2.yaml",
        remedy="Begin the names with __ in a new mirror. In a deployed one exclude them in mirrors that read "
        "this cluster: a changed name starts the mirror from the beginning",
        judge=_hidden,
        passing=(sound(),),
        failing=(sound(((*TARGET, "offsetStorageTopic"), "east-to-west-offset")),),
    ),
    Rule(
        id="aliases-differ",
        title="Each cluster of a resource has an alias of its own",
        severity="error",
        reason="Two sources with one alias want the same connector: Connect answers 409, and Strimzi never "
        "writes a status. If the connector exists already, Strimzi gives it the configuration of each "
        "source in turn, and the resource is Ready. With the alias of the target the trusted certificates "
        "are lost, yet the resource is Ready",
        source="Strimzi, `KafkaMirrorMaker2Connectors`, `AbstractConnectOperator`",
        remedy="Give each cluster its own alias. The alias is part of the names of connectors, topics and "
        "positions: after a change the mirror starts from the beginning",
        judge=_aliases,
        passing=(sound(),),
        failing=(sound(((*SOURCE, "alias"), "west")),),
    ),
)

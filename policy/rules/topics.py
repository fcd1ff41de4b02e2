"""Rules about what the patterns select."""

from __future__ import annotations

from collections.abc import Iterator

from manifests.strimzi.deployed_flow import deployed_flow, topics_of
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from policy.documents import Documents
from policy.examples import MIRROR, REMOVED, sound
from policy.rule import Context, Rule, Violation
from settings.other_systems import SYSTEMS
from settings.scopes import EVERYTHING, scopes


def _named(documents: Documents, _: Context) -> Iterator[Violation]:
    for mirror in documents.mirrors():
        if SOURCE_CONNECTOR in mirror.flow.undeclared:
            continue
        wide = [pattern for pattern in topics_of(mirror.flow) if EVERYTHING in scopes((pattern,))]
        if wide:
            yield Violation(
                mirror.document.subject,
                f"{mirror.direction}: pattern {', '.join(wide)} can match every topic, also one that another "
                "system makes tomorrow",
            )


def _other_systems(documents: Documents, _: Context) -> Iterator[Violation]:
    for mirror in documents.mirrors():
        flow = deployed_flow("", mirror.flow, mirror.target)
        if SOURCE_CONNECTOR in mirror.flow.undeclared or flow is None or flow.policy != "identity":
            continue
        matched = {
            system.name: (taken, system.exclude)
            for system in SYSTEMS
            if (taken := [one for one in system.usual if one not in flow.topics and flow.takes(one)])
        }
        if matched:
            listed = "; ".join(f"{name} ({', '.join(taken)})" for name, (taken, _) in matched.items())
            patterns = ", ".join(one for _, exclude in matched.values() for one in exclude)
            yield Violation(
                mirror.document.subject,
                f"{mirror.direction}: the patterns match the usual topics of {listed}",
                f"Exclude {patterns} (mirror.topics_exclude, topicsExcludePattern)",
            )


def _declared(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        if not spec.mirrors:
            yield Violation(document.subject, "spec.mirrors is empty: nothing is mirrored")
        for flow in spec.mirrors:
            direction = f"{flow.alias} -> {spec.target.get('alias')}"
            if SOURCE_CONNECTOR in flow.undeclared:
                yield Violation(document.subject, f"{direction}: no sourceConnector: no record is copied")
            if CHECKPOINT_CONNECTOR in flow.undeclared:
                yield Violation(
                    document.subject,
                    f"{direction}: no checkpointConnector: no group has offsets on the target",
                )


RULES = (
    Rule(
        id="connectors-declared",
        title="Both connectors are declared",
        severity="error",
        reason="Strimzi creates only the connectors that a resource declares, if only as {}. Without them it "
        "is Ready and copies nothing",
        source="Strimzi, `KafkaMirrorMaker2Connectors`",
        remedy="Add sourceConnector: {} and checkpointConnector: {}",
        judge=_declared,
        passing=(sound(),),
        failing=(sound(((*MIRROR, "sourceConnector"), REMOVED)),),
    ),
    Rule(
        id="topics-named",
        title="Topics are selected by names or prefixes",
        severity="error",
        reason="A pattern that matches every name also copies topics that nobody chose: state of other "
        "systems, test data, topics of the next team. It needs permissions on every topic, and "
        "no loop is excluded",
        source="KIP-382; strimzi-kafka-operator #3682",
        remedy=r"List names and prefixes (orders\..*). If everything is meant, write a waiver that says so",
        judge=_named,
        passing=(sound(),),
        failing=(sound(((*MIRROR, "topicsPattern"), ".*")),),
        production=True,
    ),
    Rule(
        id="other-systems-left-out",
        title="No state of other systems is mirrored under its own name",
        severity="error",
        reason="Connect, a schema registry, Cruise Control or another MirrorMaker 2 of the target reads such "
        "a copy as its own state",
        source="strimzi-kafka-operator #3682; `settings/other_systems.py`",
        remedy="Exclude their topics (mirror.topics_exclude, topicsExcludePattern)",
        judge=_other_systems,
        passing=(sound(),),
        failing=(sound(((*MIRROR, "topicsPattern"), ".*")),),
    ),
)

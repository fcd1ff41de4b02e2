"""Rules about mirrors together: nothing is copied in a circle, and no topic has two writers."""

from __future__ import annotations

from collections.abc import Iterator

from policy.documents import Documents
from policy.examples import MIRROR, SOURCE, TARGET, back, sound
from policy.flows import SAME, circles, known_flows, overlaps, stopped
from policy.rule import Context, Rule, Violation


def _circle(documents: Documents, context: Context) -> Iterator[Violation]:
    for loop, members in circles(known_flows(documents, context)):
        way = "; ".join(
            f"{one.mirror.document.name} in {one.mirror.document.origin} copies {one.mirror.direction}"
            for one in members
        )
        when = "when all of them run, " if any(map(stopped, members)) else ""
        # Each mirror is a subject: the owners of each must know.
        for one in members:
            yield Violation(
                one.mirror.document.subject,
                f"{when}{loop.topics} would be copied in a circle ({way}): {loop.reason}",
                f"{loop.remedy}. {SAME}",
            )


def _one_writer(documents: Documents, context: Context) -> Iterator[Violation]:
    for found in overlaps(known_flows(documents, context)):
        for one, other in ((found.one, found.other), (found.other, found.one)):
            twice = one.flow.origin == other.flow.origin
            effect = (
                "every record is copied twice"
                if twice
                else "offsets that are translated from one source overwrite those of the other, and groups "
                "skip records"
            )
            yield Violation(
                one.mirror.document.subject,
                f"{one.mirror.direction}: {other.mirror.document.name} in {other.mirror.document.origin} may "
                f"also write {found.topics} to {one.mirror.target}: {effect}",
            )


RULES = (
    Rule(
        id="no-circle",
        title="No records are copied in a circle",
        severity="error",
        reason="Two sound one-way mirrors with the identity policy make one circle: each record is copied "
        "for ever, while the lag is 0 and everything is Ready",
        source="KIP-382; strimzi-kafka-operator #3977, #6278, #12218; `MirrorSourceConnector.isCycle`",
        remedy="Use the default replication policy, or topics that cannot overlap",
        judge=_circle,
        passing=(sound(), back(((*MIRROR, "topicsPattern"), "returns"))),
        failing=(sound(), back()),
        across=True,
    ),
    Rule(
        id="one-writer",
        title="A topic of the target has one mirror",
        severity="error",
        reason="Records of two sources are mixed in one topic, or each record is copied twice, and "
        "translated offsets of one mirror overwrite those of the other",
        source="KIP-382; `MirrorCheckpointTask.syncGroupOffset`",
        remedy="Give each topic to one mirror, or use the default replication policy with different aliases. "
        + SAME,
        judge=_one_writer,
        passing=(
            sound(),
            sound(((*SOURCE, "alias"), "north"), ((*MIRROR, "topicsPattern"), "returns"), name="other"),
        ),
        failing=(sound(), sound(((*SOURCE, "alias"), "north"), ((*TARGET, "groupId"), "b"), name="other")),
        across=True,
    ),
)

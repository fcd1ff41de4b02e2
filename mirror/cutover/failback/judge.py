"""Whether the way back may be deployed. Pure: each refusal with its reason and its way out."""

from __future__ import annotations

from dataclasses import dataclass

from mirror.cutover.failback.starts import Starts
from mirror.problems import Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen of both regions."""

    left: int
    """Records of the old region that are neither on the target nor in quarantine."""
    unread: tuple[str, ...]
    """Source partitions that could not be judged."""
    undecided: int
    fenced: bool
    fence: str
    to_topic: int
    """Records that `recover` has written to their topics: the old region has them already."""
    starts: Starts
    recovered: tuple[str, ...] = ()
    """The topics of these records, by their names in the old region."""
    written_copies: tuple[str, ...] = ()
    """With prefixes: copies to which clients have written since the promotion."""
    uncertain_copies: tuple[str, ...] = ()
    """With prefixes: copies with records, of which nobody knows whether clients wrote them."""
    left_apart: tuple[str, ...] = ()
    """Topics that moved in parts before this mirror was made: it knows nothing of their copies."""
    lost_originals: tuple[str, ...] = ()
    """With prefixes: copies with records, whose originals the old region does not have any more."""
    built_anew: bool = False
    """The old region has none of the mirrored topics, or its user may not see them."""
    absent: tuple[str, ...] = ()
    """Copies that go home as a whole: the old region has no such topic, or its user may not see it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the person who runs the command has agreed to."""

    unfenced: bool = False
    doubled: bool = False


_BY_HAND = (
    "if no client has written to these copies, write the stack file by hand: see docs/failback.md. If one "
    "has, copy its records by other means first"
)


def refusals(settings: Settings, facts: Facts, accepted: Accepted) -> list[Finding]:
    """Return why the way back must not be deployed yet; empty where it may."""
    old, new = settings.source.alias, settings.target.alias
    recover = "run `region-mirror recover`, then `recover --write`"
    found = []
    if settings.source.origin != "kubernetes":
        found.append(
            Finding(
                f"source {old}",
                "its Kubernetes is not in the stack file, and the way back runs there",
                "install Strimzi beside it, and write the stack file by hand: see docs/failback.md",
            )
        )
    if facts.left:
        text = f"{counted(facts.left, 'record')} never crossed and would be on {old} only"
        found.append(Finding(f"source {old}", text, recover))
    if facts.unread:
        text = f"{counted(len(facts.unread), 'partition')} could not be judged: {few(facts.unread)}"
        found.append(Finding(f"source {old}", text, "check the brokers of both clusters, and try again"))
    if facts.undecided:
        text = f"{facts.undecided:,} offsets are behind open transactions"
        found.append(
            Finding(
                f"source {old}",
                text,
                f"wait until Kafka aborts them, then {recover}",
            )
        )
    if not facts.fenced and not accepted.unfenced:
        found.append(
            Finding(
                f"source {old}",
                f"clients may still write there ({facts.fence}): the two regions would diverge",
                "run `region-mirror recover --fence`, or stop its producers and add --accept-unfenced",
            )
        )
    if facts.to_topic and not accepted.doubled:
        found.append(
            Finding(
                f"target {new}",
                f"{counted(facts.to_topic, 'record')} that `recover --to topic` wrote to their topics would "
                f"be copied back to {old}, which has them already: {few(facts.recovered)}",
                "add --accept-doubled (consumers can skip them by their headers region-mirror.recovered.*), "
                f"or delete these topics on {old} if {new} has all of their records: then they are copied as "
                "a whole",
            )
        )
    found += _topics(settings, facts)
    return found


def _topics(settings: Settings, facts: Facts) -> list[Finding]:
    old, new = settings.source.alias, settings.target.alias
    found = [
        Finding(
            f"topic {topic}",
            f"{old} has records in it, and it is not the topic that was mirrored: {reason}. A full copy "
            "would double these records",
            f"after `region-mirror recover`, delete topic {topic} on {old}: then it is copied as a whole",
        )
        for topic, reason in sorted(facts.starts.doubled.items())
    ]
    if facts.starts.unknown:
        found.append(
            Finding(
                f"target {new}",
                "its ends at the promotion are neither recorded nor found by content, so every record would "
                f"be copied back: {few(facts.starts.unknown)}",
                f"after `region-mirror recover`, delete these topics on {old}: then they are copied as a "
                "whole. Or leave them out of the way back with `mirror.topics_exclude`",
            )
        )
    if facts.left_apart:
        kept = settings.mirror.replication_policy != "default"
        found.append(
            Finding(
                f"target {new}",
                f"{counted(len(facts.left_apart), 'topic')} moved in parts before this mirror was made, "
                f"which has neither their ends nor a position of MM2: {few(facts.left_apart)}. Nobody can "
                "tell the copies from what clients have written since",
                f"delete these topics on {old} if {new} has all of their records: then they are copied as a "
                "whole. Or leave them out of the way back with `mirror.topics_exclude`"
                if kept
                else _BY_HAND,
            )
        )
    if facts.built_anew:
        found.append(
            Finding(
                f"source {old}",
                "it has none of the mirrored topics, or the mirror's user may not Describe them there",
                f"look as an administrator of {old}: if the topics are gone, add --full-copy; else give the "
                "user its ACLs back (`region-mirror source-user`)",
            )
        )
    if facts.lost_originals:
        found.append(
            Finding(
                f"target {new}",
                f"{old} does not have the originals of copies any more: {few(facts.lost_originals)}. MM2 "
                "mirrors no topic back to the cluster that its prefix names (`isCycle`), so their records "
                f"would be on {new} only",
                f"copy these records to the originals on {old} by other means, and write the stack file by "
                "hand: see docs/failback.md",
            )
        )
    if facts.uncertain_copies:
        found.append(
            Finding(
                f"target {new}",
                "the ends of copies at the promotion are neither recorded nor found by content: "
                f"{few(facts.uncertain_copies)}. MM2 mirrors no topic back to the cluster that its prefix "
                "names (`isCycle`), so records that clients have written there would not cross",
                _BY_HAND,
            )
        )
    if facts.written_copies:
        found.append(
            Finding(
                f"target {new}",
                f"clients have written to copies: {few(facts.written_copies)}. MM2 mirrors no topic back to "
                "the cluster that its prefix names (`isCycle`), so these records would not cross",
                "let producers write to topics without the prefix, and copy these records by other means",
            )
        )
    return found

"""What Kafka would do if a mirror's identity changed under it, in words for the person who changed it.

Sources, Kafka 4.3.1: a connector is named `<source>-><target>.<class>` (Strimzi's
KafkaMirrorMaker2Connectors); Connect keys a connector's positions by that name and MM2's
`{cluster, topic, partition}`; workers fence one another by transactional ids made of `group.id` (KIP-618);
MM2 names its topics after aliases and separator (`ReplicationPolicy`, KIP-382, KIP-716).
"""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

_SETTING = {
    "resource": "mirror.name or target.namespace",
    "source_alias": "source.alias",
    "target_alias": "target.alias",
    "group_id": "mirror.group_id",
    "configs_topic": "mirror.configs_topic",
    "offsets_topic": "mirror.offsets_topic",
    "status_topic": "mirror.status_topic",
    "offset_syncs_location": "mirror.offset_syncs_topic_location",
    "replication_policy": "mirror.replication_policy",
    "separator": "mirror.replication_policy_separator",
}
_ANEW = (
    "MM2 finds no position of its own and copies every record again: consumers of the copies read every "
    "record twice"
)
_EFFECT = {
    "resource": "another KafkaMirrorMaker2, with users of its own, is made before this one is deleted: for a "
    "while both mirror",
    "source_alias": f"the connectors and MM2's own topics are named after it: {_ANEW}, and translation of "
    "group offsets starts from nothing",
    "target_alias": f"the connectors are named after it: {_ANEW}",
    "group_id": "the new workers do not know of the old ones and cannot fence them (KIP-618): until the old "
    "ones are gone, records are copied twice, exactly-once or not",
    "configs_topic": "Connect forgets its connectors and how many tasks to fence (KIP-618): records of the "
    "last moments may be copied twice",
    "offsets_topic": _ANEW,
    "status_topic": "Connect forgets the state of its tasks until they report again",
    "offset_syncs_location": "MM2 starts another topic of offset syncs: groups that stand before its first "
    "entry are not translated any more",
    "replication_policy": "the copies get other names, and MM2 goes on from its positions: what is mirrored "
    "so far stays under the old names, what comes now goes to the new ones, and neither is whole",
    "separator": "MM2's own topics get other names, so translation starts from nothing; with policy "
    "`default` so do the copies: what is mirrored so far stays under the old names, and neither is whole",
}


def explain(former: str, name: str, pairs: Mapping[str, Pair]) -> str:
    """Say what changed, what would happen, and how to do it on purpose.

    `pairs` maps fields of an Identity to their old and new value. `former` differs from `name` where the
    mirror was renamed.
    """
    renamed = former != name
    what = f"was {former} and would become {name}" if renamed else "must stay what it is"
    lines = [f"mirror {name}: its identity {what}; nothing has been changed."]
    for field, (old, new) in pairs.items():
        lines.append(f"  {_SETTING[field]}: {old} -> {new}")
        lines.append(f"    {_EFFECT[field]}.")
    lines += _ways(former, name, pairs)
    return "\n".join(lines)


def _ways(former: str, name: str, pairs: Mapping[str, Pair]) -> list[str]:
    renamed = former != name
    # What follows the mirror's name comes back with it.
    back = [f"{_SETTING[key]} {old}" for key, (old, _) in pairs.items() if not (renamed and key in _DERIVED)]
    adopt = " and mirror.leftovers: adopt" if renamed else ""
    return [
        f"  To keep the mirror: put back {', '.join(back) or f'the name {former}'}.",
        f"  To change it on purpose: set mirror.identity_change: allow{adopt} for one `pulumi up`, and "
        "remove what you set after it.",
        "  To start from nothing: `pulumi destroy`, delete the mirror's topics on the target, change it, "
        "`pulumi up` (docs/identity.md).",
    ]


_DERIVED = frozenset({"group_id", "configs_topic", "offsets_topic", "status_topic"})
"""They follow `mirror.name` unless they are set."""

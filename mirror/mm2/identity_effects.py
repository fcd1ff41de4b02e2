"""Explains a refused change of a mirror's identity: what would happen in Kafka, and how to proceed.

Sources, Kafka 4.3.1: a connector is named `<source>-><target>.<class>` (Strimzi's
KafkaMirrorMaker2Connectors); Connect keys a connector's positions by that name and MM2's
`{cluster, topic, partition}`; workers fence one another by transactional ids made of `group.id` (KIP-618);
MM2 names its topics after aliases and separator (`ReplicationPolicy`, KIP-382, KIP-716).
"""

from __future__ import annotations

from collections.abc import Mapping

from manifests.strimzi.deployed_flow import POLICIES

Pair = tuple[str, str]
EMPTY = "(empty)"
"""Stands for an empty separator or alias, which no setting can have."""
SOURCE_ALIAS = "source.cluster.alias"
BUT = f", and in {SOURCE_ALIAS} "
"""Between the alias in the connectors' names and another one, after which MM2 names topics and positions."""

NEVER = frozenset({"target_alias", "target_cluster"})
"""Fields that `mirror.identity_change` does not allow to change.

Pulumi's names of the copied users and of the target's provider contain the alias. Under another alias Pulumi
creates each user under a new name of its own, and then deletes it under the old one: the same KafkaUser.
Under another cluster each KafkaUser gets another label `strimzi.io/cluster`, which is its deletion for the
User Operator that no longer selects it.
"""
_SETTING = {
    "resource": "mirror.name or target.namespace",
    "source_alias": "source.alias",
    "target_alias": "target.alias",
    "target_cluster": "target.cluster",
    "group_id": "mirror.group_id",
    "configs_topic": "mirror.configs_topic",
    "offsets_topic": "mirror.offsets_topic",
    "status_topic": "mirror.status_topic",
    "offset_syncs_location": "mirror.offset_syncs_topic_location",
    "replication_policy": "mirror.replication_policy",
    "separator": "mirror.replication_policy_separator",
}
_ANEW = (
    "MM2 finds none of its positions and copies every record again, so consumers of the copies read every "
    "record twice"
)
_EFFECT = {
    "resource": "under another mirror.name a second KafkaMirrorMaker2 with its own users is created before "
    "this one is deleted; until then both mirror. With another target.namespace this one is deleted first",
    "source_alias": f"the names of the connectors and of MM2's own topics contain it: {_ANEW}; the "
    "translation of group offsets starts from nothing",
    "target_alias": f"the names of the connectors contain it: {_ANEW}; and Pulumi's names of the copied "
    "users contain it: Pulumi would delete each of these KafkaUsers after it was updated",
    "target_cluster": "the User Operator of the former cluster deletes the mirror's users and the copied "
    f"users there, so no client can log in with them any more; on the other cluster {_ANEW}",
    "group_id": "the new workers do not know the old ones and cannot fence them (KIP-618): until the old "
    "workers have stopped, records are copied twice, even with exactly-once",
    "configs_topic": "Connect loses its connectors and the number of tasks to fence (KIP-618): the most "
    "recent records may be copied twice",
    "offsets_topic": _ANEW,
    "status_topic": "Connect does not know the state of its tasks until they report it again",
    "offset_syncs_location": "MM2 starts a new, empty topic of offset syncs: a group whose offset is before "
    "the first new sync is no longer translated",
    "replication_policy": "the copies get new names, but MM2 continues from its positions: records that are "
    "already mirrored stay in the old topics, new records go to the new topics, and neither is complete",
    "separator": "MM2's own topics get new names, so the translation of group offsets starts from nothing. "
    "With policy `default` the copies get new names, too: records that are already mirrored stay in the old "
    "topics, and neither the old nor the new topics are complete",
}


def explain(former: str, name: str, pairs: Mapping[str, Pair]) -> str:
    """Say what changed, what would happen, and how to make the change on purpose.

    `pairs` maps fields of an Identity to their old and new value. `former` differs from `name` where the
    mirror was renamed.
    """
    renamed = former != name
    if renamed:
        first = f"mirror {name}: this mirror was {former} and would become {name}, a new identity"
    else:
        first = f"mirror {name}: the mirror's identity cannot change"
    lines = [f"{first}. Nothing has been changed."]
    for field, (old, new) in pairs.items():
        lines.append(f"  {_SETTING[field]}: {old} -> {new}")
        lines.append(f"    {_EFFECT[field]}.")
    lines += _ways(former, name, pairs)
    return "\n".join(lines)


def _ways(former: str, name: str, pairs: Mapping[str, Pair]) -> list[str]:
    renamed = former != name
    # Names that derive from mirror.name change back when mirror.name does.
    back = [f"{_SETTING[key]} {old}" for key, (old, _) in pairs.items() if not (renamed and key in _DERIVED)]
    adopt = " and mirror.leftovers: adopt" if renamed else ""
    purpose = (
        f"  To change it on purpose: set mirror.identity_change: allow{adopt}, run `pulumi up` once, and "
        f"remove {'both settings' if renamed else 'the setting'} afterwards."
    )
    if never := [_SETTING[key] for key in pairs if key in NEVER]:
        purpose = f"  mirror.identity_change does not allow another {', '.join(never)}."
    keep = f"  To keep the mirror: set back {', '.join(back) or f'the name {former}'}."
    if foreign := [f"{_SETTING[key]} {old}" for key, (old, _) in pairs.items() if _has_no_setting(key, old)]:
        keep = (
            f"  This stack cannot keep the mirror: no setting can have {', '.join(foreign)}. Leave it to the "
            "tool that deployed it."
        )
    return [
        keep,
        purpose,
        "  To start from nothing: run `pulumi destroy`, delete the mirror's topics on the target, change the "
        "setting, run `pulumi up` (docs/identity.md).",
    ]


def _has_no_setting(field: str, value: str) -> bool:
    """Whether a mirror that others deployed has a value that the stack file cannot have."""
    if field == "replication_policy":
        return value not in POLICIES.values()
    return value == EMPTY or (field == "source_alias" and BUT in value)


_DERIVED = frozenset({"group_id", "configs_topic", "offsets_topic", "status_topic"})
"""Fields that derive from `mirror.name` unless they are set."""

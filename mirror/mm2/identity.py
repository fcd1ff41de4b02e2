"""The identity of a mirror: the names under which MM2 and Connect keep their state.

Kafka and Strimzi allow these names to change. MM2 then copies everything again, or continues with incomplete
topics, and reports nothing. Therefore the names are kept in the stack's state and compared before anything is
changed. A change is refused; the message says what the change would do and how to make it on purpose
(`mirror.identity_change`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mirror.mm2 import identity_effects
from settings.model import Settings
from settings.names import Names
from settings.replication_policy import checkpoints_topic, offset_syncs_topic


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of one mirror. Each field is a string, as in the stack's state."""

    resource: str
    """`namespace/name` of the KafkaMirrorMaker2."""
    source_alias: str
    target_alias: str
    target_cluster: str
    """`metadata.name` of the target's Kafka."""
    group_id: str
    configs_topic: str
    offsets_topic: str
    status_topic: str
    offset_syncs_location: str
    replication_policy: str
    separator: str

    @classmethod
    def of(cls, settings: Settings) -> Identity:
        """The identity that the settings declare."""
        names, mirror = Names.of(settings), settings.mirror
        return cls(
            resource=f"{settings.target.namespace}/{names.mirror}",
            source_alias=settings.source.alias,
            target_alias=settings.target.alias,
            target_cluster=settings.target.cluster,
            group_id=names.group_id,
            configs_topic=names.configs_topic,
            offsets_topic=names.offsets_topic,
            status_topic=names.status_topic,
            offset_syncs_location=mirror.offset_syncs_topic_location,
            replication_policy=mirror.replication_policy,
            separator=mirror.replication_policy_separator,
        )

    @classmethod
    def read(cls, kept: Mapping[str, object]) -> Identity:
        """The identity from the stack's state; a field that an older version did not keep is empty."""
        return cls(**{field.name: str(kept.get(field.name) or "") for field in dataclasses.fields(cls)})

    def as_text(self) -> dict[str, str]:
        """The fields as the stack's state keeps them."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @property
    def aliases(self) -> str:
        """`<source>-><target>`, which begins the names of the connectors."""
        return f"{self.source_alias}->{self.target_alias}"

    @property
    def topics(self) -> tuple[tuple[str, str], ...]:
        """The topics in which Connect and MM2 keep their state: side ("source" or "target") and name."""
        on_target = self.offset_syncs_location == "target"
        other = self.source_alias if on_target else self.target_alias
        return (
            ("target", self.configs_topic),
            ("target", self.offsets_topic),
            ("target", self.status_topic),
            ("target", checkpoints_topic(self.separator, self.source_alias)),
            (self.offset_syncs_location, offset_syncs_topic(self.separator, other)),
        )

    def same_copies(self, new: Identity) -> bool:
        """Tell whether both identities give the copies of topics the same names."""
        changed = set(self.changed(new))
        if {self.replication_policy, new.replication_policy} == {"identity"}:
            return "target_cluster" not in changed
        return not {"replication_policy", "separator", "source_alias", "target_cluster"} & changed

    def changed(self, new: Identity) -> tuple[str, ...]:
        """The names of the fields that differ. A field that an older version did not keep counts as equal."""
        return tuple(
            field.name
            for field in dataclasses.fields(self)
            if getattr(self, field.name) and getattr(self, field.name) != getattr(new, field.name)
        )

    def becomes(self, new: Identity) -> bool:
        """Tell whether a mirror that is removed and a mirror that is added are one that is renamed."""
        return self.aliases == new.aliases or bool(_connect_names(self) & _connect_names(new))

    def starts_anew(self, new: Identity) -> bool:
        """Tell whether MM2 would find none of its positions under the new identity.

        Connect keeps them in the offsets topic, keyed by connector and source alias
        (`OffsetStorageReaderImpl`, `MirrorUtils.wrapPartition`).
        """
        names = {"source_alias", "target_alias", "target_cluster", "offsets_topic"}
        return bool(names & set(self.changed(new)))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one mirror may not be deployed as declared; `mirror` is its name in the stack, `former` the name of
    the deployed mirror that it would change.
    """

    mirror: str
    reason: str
    former: str


def refusals(
    olds: Mapping[str, Identity], news: Mapping[str, Identity], allowed: Collection[str]
) -> Iterator[Refusal]:
    """Compare a stack's mirrors, by name, with the mirrors that it deployed last.

    Mirrors may be added and removed. If one mirror is removed and another is added that has the same aliases
    or shares a name of Connect, the mirror counts as renamed. `allowed` are the names of mirrors with
    `identity_change: allow`, which does not allow everything (`identity_effects.NEVER`).
    """
    for name, new in news.items():
        if name in olds:
            formers = [name] if olds[name].changed(new) else []
        else:
            formers = [one for one in olds.keys() - news.keys() if olds[one].becomes(new)]
        for former in formers:
            pairs = _pairs(olds[former], new, olds[former].changed(new))
            if name not in allowed or identity_effects.NEVER & pairs.keys():
                yield Refusal(name, identity_effects.explain(former, name, pairs), former)


def _connect_names(identity: Identity) -> set[str]:
    return {identity.group_id, identity.configs_topic, identity.offsets_topic, identity.status_topic} - {""}


def _pairs(old: Identity, new: Identity, fields: Collection[str]) -> dict[str, tuple[str, str]]:
    return {field: (getattr(old, field), getattr(new, field)) for field in fields}

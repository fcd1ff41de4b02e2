"""What must stay the same while a mirror lives: under these names MM2 and Connect keep what they know.

Nothing in Kafka or Strimzi refuses to change them. MM2 then starts anew, or goes on half-way, and says
nothing. So they are kept with the stack, compared before anything is changed, and a change is refused with
what it would do and how to do it on purpose (`mirror.identity_change`).
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
    """The names of one mirror. Each field is text, as it is kept in the stack's state."""

    resource: str
    """`namespace/name` of the KafkaMirrorMaker2."""
    source_alias: str
    target_alias: str
    group_id: str
    configs_topic: str
    offsets_topic: str
    status_topic: str
    offset_syncs_location: str
    replication_policy: str
    separator: str

    @classmethod
    def of(cls, settings: Settings) -> Identity:
        """Take it from the settings."""
        names, mirror = Names.of(settings), settings.mirror
        return cls(
            resource=f"{settings.target.namespace}/{names.mirror}",
            source_alias=settings.source.alias,
            target_alias=settings.target.alias,
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
        """Read back what `as_text` gave; what a former version did not keep is empty."""
        return cls(**{field.name: str(kept.get(field.name) or "") for field in dataclasses.fields(cls)})

    def as_text(self) -> dict[str, str]:
        """Return it for the stack's state."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @property
    def aliases(self) -> str:
        """The pair of aliases, of which the connectors' names and those of MM2's own topics are made."""
        return f"{self.source_alias}->{self.target_alias}"

    @property
    def topics(self) -> tuple[tuple[str, str], ...]:
        """Where ("source" or "target") and under which names Connect and MM2 keep what they know."""
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
        """Tell whether both name the copies of topics alike."""
        if {self.replication_policy, new.replication_policy} == {"identity"}:
            return True
        return not {"replication_policy", "separator", "source_alias"} & set(self.changed(new))

    def changed(self, new: Identity) -> tuple[str, ...]:
        """Name the fields that differ; one that a former version did not keep cannot."""
        return tuple(
            field.name
            for field in dataclasses.fields(self)
            if getattr(self, field.name) and getattr(self, field.name) != getattr(new, field.name)
        )

    def starts_anew(self, new: Identity) -> bool:
        """Tell whether MM2 finds none of its positions under the new identity.

        Connect keeps them in the offsets topic, keyed by connector and source alias
        (`OffsetStorageReaderImpl`, `MirrorUtils.wrapPartition`).
        """
        return bool({"source_alias", "target_alias", "offsets_topic"} & set(self.changed(new)))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one mirror may not be deployed as it is declared; `mirror` is its name in the stack."""

    mirror: str
    reason: str


def refusals(
    olds: Mapping[str, Identity], news: Mapping[str, Identity], allowed: Collection[str]
) -> Iterator[Refusal]:
    """Compare a stack's mirrors, by name, with those that it deployed last.

    Mirrors may come and go. One that goes while another with the same aliases, or with names of Connect in
    common, comes, has been renamed. `allowed` are the names of mirrors with `identity_change: allow`.
    """
    for name, new in news.items():
        if name in allowed:
            continue
        if name in olds:
            if fields := olds[name].changed(new):
                yield Refusal(name, identity_effects.explain(name, name, _pairs(olds[name], new, fields)))
            continue
        for former in olds.keys() - news.keys():
            old = olds[former]
            if old.aliases == new.aliases or _connect_names(old) & _connect_names(new):
                pairs = _pairs(old, new, old.changed(new))
                yield Refusal(name, identity_effects.explain(former, name, pairs))


def _connect_names(identity: Identity) -> set[str]:
    return {identity.group_id, identity.configs_topic, identity.offsets_topic, identity.status_topic} - {""}


def _pairs(old: Identity, new: Identity, fields: Collection[str]) -> dict[str, tuple[str, str]]:
    return {field: (getattr(old, field), getattr(new, field)) for field in fields}

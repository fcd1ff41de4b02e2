"""One mirror of these tests: its settings, and the connectors that its KafkaMirrorMaker2 would declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.layout import NAMESPACE
from lab.operator.mirror_maker2 import connectors
from lab.operator.mirror_maker2.names import Names as OperatorNames
from manifests.estate import Estate, SourceEstate, TargetEstate
from manifests.strimzi.mirror_maker2 import mirror_maker2
from settings.acls import mirror_user_acls, source_user_acls
from settings.load import load
from settings.model import Settings
from settings.names import Names
from tests.lab.rights.model import Right, rights
from tests.lab.rights.users import bootstrap_servers
from tests.lab.support.lab import Regions

SECONDS = 2
"""Between two looks of a connector: nothing is waited for longer than it must."""


def settings_of(
    name: str,
    alias: str,
    *,
    topics: Sequence[str],
    groups: Sequence[str],
    exactly_once: bool = True,
    location: str = "target",
    topic_configs_exclude: Sequence[str] = (),
) -> Settings:
    """Settings of a mirror `name` of `topics` from a source called `alias`.

    The target's alias holds the source's, so that no two mirrors share an internal topic wherever it lies.
    """
    return load(
        {
            "source": {
                "alias": alias,
                "cluster": "east",
                "namespace": NAMESPACE,
                "listener": "mtls",
                "authentication": "tls",
                "user": f"{alias}-reader",
            },
            "target": {
                "alias": f"to-{alias}",
                "cluster": "west",
                "namespace": NAMESPACE,
                "listener": "mtls",
                "authentication": "tls",
            },
            "mirror": {
                "name": name,
                "topics": list(topics),
                "groups": list(groups),
                "tasks_max": 2,
                "exactly_once": exactly_once,
                "offset_syncs_topic_location": location,
                "refresh_topics_interval_seconds": SECONDS,
                "refresh_groups_interval_seconds": SECONDS,
                "sync_topic_configs_interval_seconds": SECONDS,
                "sync_group_offsets_interval_seconds": SECONDS,
                "emit_checkpoints_interval_seconds": SECONDS,
                "topic_configs_exclude": list(topic_configs_exclude),
            },
        }
    )


@dataclass(frozen=True)
class Mirror:
    """A mirror and the rights that its users go without."""

    regions: Regions
    settings: Settings
    without: frozenset[Right] = frozenset()
    """On the target."""
    source_without: frozenset[Right] = frozenset()

    @property
    def names(self) -> Names:
        """The mirror's names."""
        return Names.of(self.settings)

    @property
    def target_rights(self) -> frozenset[Right]:
        """All rights that the settings give the mirror's user."""
        return rights(mirror_user_acls(self.settings))

    @property
    def source_rights(self) -> frozenset[Right]:
        """All rights that the settings ask for on the source."""
        return rights(source_user_acls(self.settings))

    def spec(self) -> Mapping[str, Any]:
        """The `spec` of its KafkaMirrorMaker2."""
        estate = Estate(
            SourceEstate(bootstrap_servers(self.regions, "east"), {}, {}),
            TargetEstate(bootstrap_servers(self.regions, "west")),
        )
        spec: Mapping[str, Any] = mirror_maker2(self.settings, estate)["spec"]
        return spec

    def connectors(self) -> list[connectors.Connector]:
        """As Strimzi would hand them to Connect; the Secrets are still placeholders."""
        return connectors.desired_connectors(self.spec(), self.operator_names)

    @property
    def operator_names(self) -> OperatorNames:
        """The names of the objects that Strimzi would make."""
        return OperatorNames(NAMESPACE, self.settings.mirror.name)

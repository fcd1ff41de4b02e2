"""Raw properties of Kafka Connect and MM2, and the no-loss rules that they may break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from settings.model.fields import meta
from settings.rules import text


@dataclass(frozen=True, slots=True)
class Overrides:
    """Raw properties, passed on unchanged. They override the properties that region-mirror renders. They must
    not break a no-loss rule, unless `mirror.allow_data_loss` names it.
    """

    source_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of MirrorSourceConnector (`sourceConnector.config`)."),
    )
    checkpoint_connector: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of MirrorCheckpointConnector (`checkpointConnector.config`)."),
    )
    worker: Mapping[str, str] = field(
        default_factory=dict, metadata=meta("Properties of the Connect workers (`target.config`).")
    )
    source_client: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta("Properties of the clients that connect to the source (`source.config`)."),
    )


@dataclass(frozen=True)
class RawProperties:
    """The raw properties of a mirror, and what they may break."""

    config: Overrides = field(
        default_factory=Overrides,
        metadata=meta("Raw properties of Kafka Connect and MM2 that have no setting of their own."),
    )
    allow_data_loss: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Names of the no-loss rules that `config` and `topic_configs_exclude` may break. The preview "
            "prints each breach.",
            rule=text.not_blank,
        ),
    )

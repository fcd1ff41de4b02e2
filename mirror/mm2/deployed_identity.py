"""The identity of a mirror as its KafkaMirrorMaker2 tells it, whoever wrote that. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from manifests.strimzi.deployed_flow import policy_of
from manifests.strimzi.resource import CONNECT_DEFAULTS, SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec
from mirror.mm2.identity import Identity, refusals
from mirror.mm2.identity_effects import BUT, EMPTY, SOURCE_ALIAS
from settings.model import Settings
from settings.rules import kafka


def other_names(settings: Settings, old: MirrorMaker2Spec, cluster: str = "") -> Iterator[str]:
    """Refuse names that are not those of the deployed KafkaMirrorMaker2: MM2 would begin anew, or go on in
    other topics. `cluster`: the target's Kafka, as far as it is known.
    """
    name, new = settings.mirror.name, Identity.of(settings)
    allowed = {name} if settings.mirror.identity_change == "allow" else set()
    former = replace(identity_in(old, new), target_cluster=cluster)
    for one in refusals({name: former}, {name: new}, allowed):
        yield one.reason


def identity_in(old: MirrorMaker2Spec, new: Identity) -> Identity:
    """Return the identity of a deployed mirror, of which `new` may be the next one. Parts that the resource
    does not tell are empty, and equal to anything. What it leaves out has the default of Strimzi or MM2.
    """
    aliases = sorted(old.flows)
    alias = new.source_alias if new.source_alias in old.flows or len(aliases) != 1 else aliases[0]
    flow = old.flows.get(alias)
    connect = {**CONNECT_DEFAULTS, **old.connect} if old.mirrors else old.connect
    kept = Identity(
        resource=new.resource,
        source_alias=alias if flow else "",
        target_alias=str(old.target.get("alias") or ""),
        target_cluster="",  # the KafkaMirrorMaker2 has addresses only
        group_id=str(connect.get("groupId") or ""),
        configs_topic=str(connect.get("configStorageTopic") or ""),
        offsets_topic=str(connect.get("offsetStorageTopic") or ""),
        status_topic=str(connect.get("statusStorageTopic") or ""),
        offset_syncs_location="",
        replication_policy="",
        separator="",
    )
    return kept if flow is None or SOURCE_CONNECTOR in flow.undeclared else _named(kept, flow)


def _named(kept: Identity, flow: MirrorFlow) -> Identity:
    """Add how a source connector names topics; a property that it lacks has MM2's default."""
    config = flow.config(SOURCE_CONNECTOR)
    policy = policy_of(flow) or str(config.get("replication.policy.class"))
    separator = str(config.get("replication.policy.separator", "."))
    if not separator:
        # With names that remain, it concerns MM2's own topics only, and no setting can have it.
        separator = "" if policy == "identity" else EMPTY
    elif kafka.separator(separator) is not None:
        separator = ""  # no topic can have such a name, so MM2 has none that it could lose
    # Strimzi names the connectors after the resource's alias, and passes this property on to MM2.
    other = str(config.get(SOURCE_ALIAS, kept.source_alias))
    alias = kept.source_alias if other == kept.source_alias else f"{kept.source_alias}{BUT}{other or EMPTY}"
    return replace(
        kept,
        source_alias=alias,
        offset_syncs_location=str(config.get("offset-syncs.topic.location") or "source"),
        replication_policy=policy,
        separator=separator,
    )

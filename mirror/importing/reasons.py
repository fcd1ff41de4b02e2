"""Why a field or property of an imported mirror is another one in its stack file. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from manifests.strimzi.deployed_flow import AWS_POLICY, POLICIES
from manifests.strimzi.resource import AS_PROPERTIES
from mirror.importing.mm2_properties import DEDICATED_FIELD
from mirror.mm2.identity_effects import SOURCE_ALIAS
from mirror.plan.planned import PropertyChange
from settings.profiles import ConfigOwner, read_by_another

OWNERS: dict[str, ConfigOwner] = {
    "workers": "worker",
    "source connector": "source",
    "checkpoint connector": "checkpoint",
}
"""Who reads the properties in each part of a difference."""
SEPARATOR = "replication.policy.separator"
_POLICY = "replication.policy.class"
_SAME_POLICY = "the policy is the same; this is its class in Kafka"
_BUT_HEARTBEATS = f"{_SAME_POLICY}, which gives the copies of topics that end in heartbeats a prefix"
_OVERWRITTEN: dict[tuple[str, str], str] = {
    (connector, name): pattern for pattern, (connector, names) in AS_PROPERTIES.items() for name in names
}
"""Properties that Strimzi overwrites with a pattern of the resource; without one they are read as that."""
_OTHER_SEPARATOR = (
    "With another separator MM2's own topics get other names: the translation of group offsets begins anew"
)
_OTHER_ALIAS = (
    "MM2 names copies and positions after it, and Strimzi the connectors after the alias of the cluster: no "
    "stack file has both. MM2 begins anew, and copies every record again into other topics"
)
_OF_ANOTHER = "has no effect here: only another connector of MM2 reads it"
_OWN_USER = "the mirror gets a KafkaUser of its own, with only the permissions that it needs"
_REASONS = (
    ("target", "authentication", _OWN_USER),
    ("target", "encryption", "the connection to the target always has TLS"),
    ("target", "tls", "the connection to the target always has TLS, and trusts its cluster CA"),
    ("source", "tls", "one Secret with the CA of the source's brokers is trusted"),
    ("source", "encryption", "without TLS the password or the token itself would cross the network"),
    ("source", "authentication", "the credential is in a Secret of the target's namespace"),
    ("patterns", "", "MM2's own exclusions always apply too"),
    (
        "pods",
        DEDICATED_FIELD,
        "MM2 has or ignores it there; with Strimzi there is nothing like it",
    ),
    ("pods", "metricsConfig", "region-mirror brings its own rules for the metrics"),
    ("pods", "jvmOptions", "since Kafka 4.0 a client asks only token endpoints that a system property names"),
    (
        "pods",
        "logging.loggers",
        "while the source refuses the login, MM2 repeats a warning thousands of times a second",
    ),
    ("pods", "logging.type", "workers.loggers are inline, and no setting names a ConfigMap"),
    ("pods", "", "no setting has this field"),
    ("Connect", "", "a new group and new topics: the resource names none"),
    ("source connector", "autoRestart", "without it a failed task is never restarted"),
    ("checkpoint connector", "autoRestart", "without it a failed task is never restarted"),
)
"""Where, the beginning of the field's name, and why it differs; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that the stack file cannot have, and the rule that refuses it."""

    value: str
    why: str


def why_other(change: PropertyChange, refused: Dropped | None) -> str | None:
    """Return why the stack file has another value than the mirror, where a rule or MM2 says so."""
    if change.key == _POLICY and POLICIES.get(change.before or "") == POLICIES.get(change.after or ""):
        return _BUT_HEARTBEATS if change.before == AWS_POLICY else _SAME_POLICY
    if change.key == SOURCE_ALIAS and change.where in OWNERS:
        return _OTHER_ALIAS
    if pattern := _OVERWRITTEN.get((change.where, change.key)):
        return f"has no effect: {pattern} of the resource overwrites it"
    if change.where in OWNERS and read_by_another(OWNERS[change.where], change.key):
        return _OF_ANOTHER
    if refused is not None and change.key == SEPARATOR:
        return f"{refused.why.rstrip('.')}. {_OTHER_SEPARATOR}"
    return None if refused is None else refused.why


def reason_of(change: PropertyChange) -> str:
    """Return why a field or property differs, by where it is and how its name begins."""
    for where, beginning, why in _REASONS:
        if change.where == where and change.key.startswith(beginning):
            return why
    return "see docs/settings.md"

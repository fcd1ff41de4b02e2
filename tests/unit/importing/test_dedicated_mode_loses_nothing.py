"""What `MirrorMakerConfig` reads from a file of dedicated mode, and the import left out without a word."""

from __future__ import annotations

import pytest

from mirror.importing.convert import convert
from mirror.importing.found import from_properties
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from mirror.problems import CouldNotRun

PROPERTIES = """\
clusters = east, west
east.bootstrap.servers = east:9092
west.bootstrap.servers = west:9093
east->west.enabled = true
"""


def imported(text: str) -> Imported:
    return convert(from_properties(text, "f", "", ""), Where("west", "kafka", "tls"), "f")


def test_exactly_once_is_kept() -> None:
    """Kafka's documentation has it for the target's cluster (KIP-710)."""
    found = imported(PROPERTIES + "west.exactly.once.source.support = enabled\n")
    assert found.sections["mirror"]["exactly_once"] is True


def test_a_property_of_the_targets_workers_is_kept() -> None:
    found = imported(PROPERTIES + "west.offset.flush.timeout.ms = 7000\nwest.producer.linger.ms = 5\n")
    assert found.sections["mirror"]["config"]["worker"] == {"offset.flush.timeout.ms": "7000"}


def test_a_name_in_single_quotes_has_none() -> None:
    login = (
        "east.security.protocol = SASL_SSL\neast.sasl.mechanism = SCRAM-SHA-512\n"
        "east.sasl.jaas.config = x.ScramLoginModule required username='mm 2' password='5ecr3t';\n"
    )
    found = imported(PROPERTIES + login)
    assert found.sections["source"]["user"] == "mm 2"
    assert "5ecr3t" not in str(found.to_json())


def test_a_separator_that_no_setting_has_is_refused() -> None:
    """The stack file had a dot, so every record would have been copied again, into other topics."""
    with pytest.raises(CouldNotRun, match="replication_policy_separator"):
        imported(PROPERTIES + "replication.policy.separator =\n")


def test_with_names_that_stay_it_is_a_difference() -> None:
    policy = "replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy\n"
    found = imported(PROPERTIES + policy + "replication.policy.separator =\n")
    told = [one for one in found.differences if one.key == "replication.policy.separator"]
    assert [(one.where, one.theirs, one.ours) for one in told] == [
        ("source connector", "", "."),
        ("checkpoint connector", "", "."),
    ]
    assert all(one.why.endswith("the translation of group offsets begins anew") for one in told)

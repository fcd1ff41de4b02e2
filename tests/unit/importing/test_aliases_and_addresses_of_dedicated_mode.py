"""Names and addresses as MM2 takes them from its own properties, where they are not those of `clusters`."""

from __future__ import annotations

import pytest

from mirror.importing.convert import convert
from mirror.importing.found import from_properties
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from mirror.problems import CouldNotRun

PROPERTIES = """\
clusters = A, B
A.bootstrap.servers = SASL_SSL://a-1:9092,SASL_SSL://a-2:9092
B.bootstrap.servers = b:9093
A->B.enabled = true
"""


def imported(text: str) -> Imported:
    return convert(from_properties(PROPERTIES + text, "f", "", ""), Where("west", "kafka", "tls"), "f")


def test_a_protocol_before_an_address_is_none_of_the_address() -> None:
    """Kafka's clients accept it; the import refused the file."""
    assert imported("").sections["source"]["bootstrap_servers"] == "a-1:9092,a-2:9092"


def test_the_alias_of_a_property_names_the_copies() -> None:
    """With A the new mirror would have written into other topics."""
    found = imported("source.cluster.alias = legacy\ntarget.cluster.alias = new\n")
    assert found.sections["source"]["alias"] == "legacy"
    assert not [one for one in found.differences if "cluster.alias" in one.key]


def test_a_cluster_called_source_has_no_property_called_alias() -> None:
    text = PROPERTIES.replace("A", "source").replace("B.", "target.").replace("B", "target")
    text = text.replace("SsourceSL", "SASL")
    given = from_properties(text + "source.cluster.alias = legacy\ntarget.cluster.alias = x\n", "f", "", "")
    (mirror,) = given["spec"]["mirrors"]
    assert mirror["source"]["alias"] == "legacy"
    assert given["spec"]["target"]["config"] == {}


def test_without_alias_and_separator_the_names_remain() -> None:
    """As people kept names before IdentityReplicationPolicy (Kafka 3.0); the advice was a separator, with
    which the names would have changed."""
    text = "source.cluster.alias =\ntarget.cluster.alias =\nreplication.policy.separator =\n"
    found = imported(text)
    assert found.sections["mirror"]["replication_policy"] == "identity"
    assert found.sections["source"]["alias"] == "A"


def test_an_alias_that_no_setting_can_have_is_refused() -> None:
    with pytest.raises(CouldNotRun, match=r"source\.alias = ''"):
        imported("source.cluster.alias =\n")

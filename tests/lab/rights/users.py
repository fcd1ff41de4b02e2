"""The tests' own users of both clusters: client certificates, and ACLs set through Kafka's admin API.

They are no KafkaUsers, so the lab's User Operator would remove SCRAM users and the ACLs of `CN=<name>` on its
next pass, as Strimzi's does. It looks for an ACL's user by the certificate's common name alone, and so leaves
alone a principal whose certificate names an organisation as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from lab.operator.user.kafka import Kafka
from lab.operator.user.model import AclRule
from lab.ports import known
from lab.region import pki
from mirror.clients.access import ClusterAccess, TlsCredential
from tests.lab.rights.model import Right
from tests.lab.support import kafka
from tests.lab.support.lab import Regions

ORGANIZATION = "region-mirror-rights"
"""In every principal of these tests, and in no other."""


@dataclass(frozen=True)
class User:
    """A user of one region, who logs in with a certificate of the region's clients CA."""

    regions: Regions
    region: str
    name: str
    pair: pki.KeyPair = field(repr=False)

    @classmethod
    def create(cls, regions: Regions, region: str, name: str) -> User:
        """A user without any right yet."""
        authority = pki.read(regions.lab.pki(region), "clients-ca")
        pair = pki.issue(authority, pki.subject(name, ORGANIZATION), elliptic=True)
        return cls(regions, region, name, pair)

    @property
    def username(self) -> str:
        """As the broker knows it: the subject in RFC 2253's order."""
        return f"CN={self.name},O={ORGANIZATION}"

    def give(self, rights: Iterable[Right]) -> None:
        """Give exactly these rights; what the user had besides is taken away."""
        Kafka(self.regions.kafka(self.region)).reconcile_acls(
            self.username,
            [AclRule(r.resource_type, r.name, r.pattern_type, r.operation, "*", "allow") for r in rights],
        )

    def access(self, alias: str) -> ClusterAccess:
        """How this user logs in."""
        return ClusterAccess(
            bootstrap_servers(self.regions, self.region),
            (self.regions.lab.pki(self.region) / "cluster-ca.crt").read_text(),
            TlsCredential(self.pair.certificate, self.pair.key, self.name),
            alias,
        )


def bootstrap_servers(regions: Regions, region: str) -> str:
    """The listener for client certificates."""
    return f"localhost:{known(regions.lab)[f'{region}-kafka-mtls']}"


def principals(regions: Regions, region: str) -> set[str]:
    """The principals of these tests that still have an ACL."""
    admin = kafka.administrator(regions.kafka(region))
    anything: Any = None  # which confluent-kafka's own types do not know
    everything = AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found = admin.describe_acls(everything, request_timeout=30).result(35)
    return {acl.principal for acl in found if acl.principal.endswith(f",O={ORGANIZATION}")}


def forget(regions: Regions, region: str) -> None:
    """Remove every ACL of these tests' users."""
    kafka = Kafka(regions.kafka(region))
    for principal in principals(regions, region):
        kafka.reconcile_acls(principal.removeprefix("User:"), ())

"""A right: one operation of one ACL. What is taken away and given back here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from settings.acls import Acl


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One operation on the resources that a name or prefix selects, as Strimzi's KafkaUser spells them."""

    resource_type: str
    name: str
    pattern_type: str
    operation: str

    def __str__(self) -> str:
        star = "*" if self.pattern_type == "prefix" else ""
        return f"{self.operation} on {self.resource_type} {self.name}{star}"


def rights(acls: Iterable[Acl]) -> frozenset[Right]:
    """Every single right that the ACLs give."""
    return frozenset(
        Right(acl.resource_type, acl.name, acl.pattern_type, operation)
        for acl in acls
        for operation in acl.operations
    )

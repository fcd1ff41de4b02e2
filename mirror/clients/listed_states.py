"""Lists consumer groups with their states."""

from __future__ import annotations

from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import REQUEST_SECONDS, required
from mirror.problems import CouldNotRead, one_line


def listed_states(access: ClusterAccess, admin: AdminClient) -> dict[str, str]:
    """State of every consumer group that the user may describe: one request to each broker.

    Raises CouldNotRead, also where only one broker does not answer: its groups would be missing.
    """
    listing = required(access, admin.list_consumer_groups(request_timeout=REQUEST_SECONDS), "its groups")
    if listing.errors:
        some = "some brokers" if listing.valid else "no broker"
        raise CouldNotRead(
            f"listing the groups of {access.alias}",
            f"{one_line(listing.errors[0])} (groups were listed by {some})",
            "check the health of its brokers, and that the user may Describe groups",
        )
    return {group.group_id: group.state.name for group in listing.valid}

"""Asks for the configurations of topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from mirror.clients.answers import REQUEST_SECONDS, all_settled
from mirror.clients.records import ConfigValue, Unread

_TOPICS_A_REQUEST = 1_000
"""Topics in one request, which returns some 35 properties for each topic."""


def config_values(admin: AdminClient, topics: Iterable[str]) -> dict[str, Mapping[str, ConfigValue] | Unread]:
    """The effective configuration of topics, as `Cluster.topic_config_values`."""
    wanted = list(dict.fromkeys(topics))
    found: dict[str, Mapping[str, ConfigValue] | Unread] = {}
    for first in range(0, len(wanted), _TOPICS_A_REQUEST):
        asked = [
            ConfigResource(ResourceType.TOPIC, topic) for topic in wanted[first : first + _TOPICS_A_REQUEST]
        ]
        answers = all_settled(admin.describe_configs(asked, request_timeout=REQUEST_SECONDS))
        for resource, answer in answers.items():
            found[resource.name] = (
                answer
                if isinstance(answer, Unread)
                else {name: ConfigValue.of(entry) for name, entry in answer.items()}
            )
    return found

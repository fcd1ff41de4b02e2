"""Old clients could commit for a group without a name; brokers list it, and librdkafka refuses the name."""

from __future__ import annotations

from confluent_kafka.admin import AdminClient

from mirror.clients import group_server


def test_a_group_without_a_name_does_not_take_the_others_along() -> None:
    """The helper ended, eight times, and all groups were told to be unread because a broker restarted."""
    admin = AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    answers, _ = group_server._offsets(admin, [""])
    assert answers == {"": "the client cannot ask for it: 'group_id' cannot be empty"}

"""What Kafka refuses to somebody who works by hand, in words that say whom it refused and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from mirror.problems import CouldNotRun, one_line

METADATA_SECONDS = 10.0

_WAYS_OUT: Mapping[int, str] = {
    KafkaError.UNKNOWN_TOPIC_OR_PART: "see that the topic is there and that the user may Describe it",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "see that the user's KafkaUser is Ready there, with its ACLs",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "see that the user's KafkaUser is Ready there, with its ACLs",
    KafkaError._AUTHENTICATION: "see that its KafkaUser is Ready there, with its source's password",
}


class Said:
    """librdkafka's error callback: keeps a refused login, which the failed call reports as a time-out."""

    def __init__(self) -> None:
        self.login: KafkaError | None = None

    def __call__(self, error: KafkaError) -> None:
        """Take note of an error of librdkafka."""
        if error.code() == KafkaError._AUTHENTICATION:
            self.login = error


def partitions_of(
    client: Consumer | Producer, topic: str, tried: str, said: Said, seconds: float = METADATA_SECONDS
) -> list[int]:
    """The partitions of `topic`. CouldNotRun when it is not there, KafkaException when nobody answers."""
    try:
        metadata = client.list_topics(topic, timeout=seconds).topics[topic]
    except KafkaException:
        client.poll(0)  # hands over what was said
        raise
    if metadata.error is not None:
        raise refused(tried, metadata.error, said)
    return sorted(metadata.partitions)


def refused(tried: str, error: KafkaError, said: Said) -> CouldNotRun:
    """The error that a person is shown for one of Kafka's."""
    cause = said.login or error
    return CouldNotRun(
        tried,
        one_line(cause.str()),
        _WAYS_OUT.get(cause.code(), "see that the brokers run: `python -m lab status`"),
    )


def unknown(what: str, name: str, known: Sequence[str]) -> CouldNotRun:
    """The error for a topic or group that is none of the workload's, so that nobody knows whose it is."""
    return CouldNotRun(
        f"looking for the user of {what} {name}",
        f"the workload has the {what}s {', '.join(known)}",
        "name one of them, or say as whom with --user (and --topic)",
    )

"""How the lack of one permission shows: the worker's log, its tasks' states, the findings of verification."""

from __future__ import annotations

from collections.abc import Callable

from tests.lab.rights.flow import PATIENCE, failed, heard, running
from tests.lab.rights.rounds import Case
from tests.lab.rights.verifying import failing, runs
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

Symptom = Callable[[Worker, Case], None]


def syncs_never_made(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated."""
    topic = case.mirror.names.offset_syncs_topic
    heard(worker, rf"Could not look up partition metadata for topic '{topic}'")
    region = case.mirror.settings.mirror.offset_syncs_topic_location
    config = case.flow.bench.source if region == "source" else case.flow.bench.target
    assert topic not in kafka.topics(config)
    unseen(worker, case)


def syncs_unread(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated."""
    heard(worker, rf"Not authorized to read from partition {case.mirror.names.offset_syncs_topic}-0")
    unseen(worker, case)


def syncs_unwritten(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated.

    On the source it is the only right to write at all, and no producer may begin without one (KIP-679).
    """
    topic, alias = case.mirror.names.offset_syncs_topic, case.mirror.settings.source.alias
    if case.mirror.settings.mirror.offset_syncs_topic_location == "source":
        heard(worker, rf"{alias}.*offset-syncs-source-producer.* error state due to .*AuthorizationException")
    else:
        heard(worker, rf"Failure sending offset sync\.\n.*TopicAuthorizationException.*{topic}")
    unseen(worker, case)


def unseen(worker: Worker, case: Case) -> None:
    """Silently without a translation."""
    assert running(worker, case.mirror), "a task that says so would be no silent failure"
    assert case.flow.translated() < 0
    assert case.flow.group in failing(worker, case.mirror).get("groups-translated", "")


def checkpoints_unwritten(worker: Worker, case: Case) -> None:
    """The task says so."""
    name, topic = case.mirror.names.checkpoint_connector, case.mirror.names.checkpoints_topic
    until("its task to fail", lambda: failed(worker, name, topic), seconds=PATIENCE)
    assert not runs(worker, case.mirror), "the table says: connectors-running finds it"


def topics_never_made(worker: Worker, case: Case) -> None:
    """One unreadable configuration, and no topic is made."""
    heard(
        worker, rf"TopicAuthorizationException occurred while trying to describe configs.*{case.flow.topic}"
    )
    assert not case.flow.exists()
    assert case.flow.topic in failing(worker, case.mirror).get("topics-present", "")


def syncs_not_described(worker: Worker, case: Case) -> None:
    """MM2 needs it for nothing; verification looks with this user."""
    topic = case.mirror.names.offset_syncs_topic
    assert topic in failing(worker, case.mirror, checks=["internal-topics-safe"])["internal-topics-safe"]


SYNCS: dict[str, Symptom] = {"Read": syncs_unread, "Write": syncs_unwritten, "Create": syncs_never_made}
"""The noisy ones first: see `Round.calm`."""

"""Verification that cannot look ends with exit code 2 and one message that says what to do."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from lightkube.resources.core_v1 import Secret
from lightkube.types import PatchType

from tests.lab.support import kafka
from tests.lab.support.command import Ran
from tests.lab.support.lab import NAMESPACE, Regions
from tests.lab.support.own_mirror import own_mirror
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until


@contextmanager
def secret_with(regions: Regions, name: str, data: dict[str, str]) -> Iterator[None]:
    """A Secret on the target with other data for a while (`data` in plain text)."""
    client = regions.kubernetes("west")
    kept = client.get(Secret, name, namespace=NAMESPACE).data

    def put(values: dict[str, str] | None) -> None:
        client.patch(Secret, name, {"data": values}, namespace=NAMESPACE, patch_type=PatchType.MERGE)

    put({key: base64.b64encode(value.encode()).decode() for key, value in data.items()})
    try:
        yield
    finally:
        put(kept)


def could_not_run(ran: Ran) -> str:
    """Its message; AssertionError when it is anything else than one."""
    assert ran.code == 2, ran.output
    assert "Traceback" not in ran.output
    assert ran.seconds < 90  # a slow machine; a few seconds on a quiet one
    return ran.output


def refused(message: str) -> str:
    """The message, where it is about the login: a broker that is busy answers too late now and then."""
    return message if "uthenticat" in message else ""


def test_a_wrong_password(regions: Regions) -> None:
    """With a mirror of its own. A task that starts meanwhile, as MM2 restarts them when it finds a topic or
    misses one, logs in with the wrong password for as long as it lives.
    """
    with own_mirror(regions, "password") as mirror:
        kafka.create_topic(regions.kafka("east"), mirror.topic())
        mirror.stack.up().ok()
        with secret_with(regions, mirror.names.source_user_secret, {"password": "not-the-password"}):
            message = until(
                "the login to be refused", lambda: refused(could_not_run(mirror.stack.verify())), seconds=180
            )
    assert "mirror-source" in message
    assert "not-the-password" not in message


def test_a_source_that_does_not_answer(proven: Stack, regions: Regions) -> None:
    with regions.frozen("east-kafka"):
        message = could_not_run(proven.verify())
    assert "east" in message


def test_a_stack_that_was_never_deployed(proven: Stack) -> None:
    kept = proven.file.read_text()
    proven.configure(lambda config: config["mirror"].update(name="never-deployed"))
    try:
        assert "never-deployed" in could_not_run(proven.verify())
    finally:
        proven.file.write_text(kept)

"""The look that logs in: if it is for groups, it starts their helper processes beside the login."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace, TracebackType

import pytest

from mirror.cutover.step import World
from mirror.status.reading import SnapshotReader
from mirror.verify.reading import look as look_module
from mirror.verify.reading.look import Look, Session
from mirror.verify.register import NAMES, reads_of
from tests.unit.verify.looks import STACK

ABOUT_GROUPS = {"connectors-running", "groups-translated", "groups-idle-on-target"}


class Login:
    """Stands for `Sides`: keeps what happens, in order."""

    did: list[str]

    def __init__(self, *_: object) -> None:
        pass

    def start_group_helpers(self) -> None:
        self.did.append("helpers")

    def __enter__(self) -> Login:
        self.did.append("login")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a session does, in order."""
    Login.did = []
    deployed = SimpleNamespace(
        read=dict, access=lambda _: SimpleNamespace(source=None, target=None), kubernetes=None
    )
    monkeypatch.setattr(look_module, "Sides", Login)
    monkeypatch.setattr(Session, "deployed", property(lambda _: deployed))
    return Login.did


@pytest.mark.parametrize("name", NAMES)
def test_a_look_for_a_check_about_groups_starts_them(name: str, did: list[str]) -> None:
    assert Look(Session(STACK, Path(), ExitStack()), reads_of([name])).sides
    assert did == (["helpers", "login"] if name in ABOUT_GROUPS else ["login"])


def test_the_login_is_that_of_the_first_look(did: list[str]) -> None:
    session = Session(STACK, Path(), ExitStack())
    for _ in range(2):
        assert Look(session, reads_of(NAMES)).sides
    assert did == ["helpers", "login"]


@pytest.mark.parametrize("which", ["glance", "look"])
def test_a_status_asks_for_groups_from_its_first_glance_on(which: str, did: list[str]) -> None:
    with ExitStack() as stack:
        eye = SnapshotReader(STACK, Path(), stack)
        with pytest.raises(AttributeError, match="Login"):  # it goes on to read the topics
            getattr(eye, which)()
    assert did == ["helpers", "login"]


def test_a_step_that_asks_for_the_clusters_only_starts_none(did: list[str]) -> None:
    assert World(STACK, Path(), Session(STACK, Path(), ExitStack())).sides()
    assert did == ["login"]

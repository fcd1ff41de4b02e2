"""The guard as a resource: what it asks when it is deleted or a mirror is removed, and its override."""

from __future__ import annotations

from typing import Any

import dill
import pytest

from components.destroy_guard import DestroyGuardProvider, DestroyRefusedError
from manifests.metadata import Owner
from mirror.cutover.teardown.judge import OVERRIDE
from mirror.estate.ownership import DeployedObject
from tests.unit.components.guarded import BUSY, IN_USE, Clusters, copying, props
from tests.unit.settings.sample import settings

EAST, NORTH = settings(), settings(source__alias="north", mirror__name="north-to-west")


def test_a_mirror_that_nobody_needs_is_released(use: dict[str, Any]) -> None:
    DestroyGuardProvider().delete("id", props(EAST))


def test_records_that_wait_are_refused_with_the_way_out(use: dict[str, Any]) -> None:
    use["east-to-west"] = BUSY
    with pytest.raises(DestroyRefusedError) as refused:
        DestroyGuardProvider().delete("id", props(EAST))
    said = str(refused.value)
    assert "Nothing has been deleted" in said
    assert "7 records of east are not mirrored yet" in said
    assert f"{OVERRIDE}=east-to-west" in said


def test_the_override_names_the_mirror(use: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    use["east-to-west"] = use["north-to-west"] = BUSY
    monkeypatch.setenv(OVERRIDE, "north-to-west")
    with pytest.raises(DestroyRefusedError) as refused:
        DestroyGuardProvider().delete("id", props(EAST, NORTH))
    assert "mirror north-to-west:" not in str(refused.value)
    monkeypatch.setenv(OVERRIDE, "north-to-west, east-to-west")
    DestroyGuardProvider().delete("id", props(EAST, NORTH))


def test_every_mirror_of_the_stack_is_named_at_once(use: dict[str, Any]) -> None:
    use["east-to-west"] = use["north-to-west"] = BUSY
    with pytest.raises(DestroyRefusedError) as refused:
        DestroyGuardProvider().delete("id", props(EAST, NORTH))
    assert "mirror east-to-west:" in str(refused.value)
    assert "mirror north-to-west:" in str(refused.value)


def test_the_second_guard_of_a_destroy_does_not_refuse_what_the_first_released(use: dict[str, Any]) -> None:
    DestroyGuardProvider().delete("id", props(EAST))
    use["east-to-west"] = BUSY
    DestroyGuardProvider().delete("id", props(EAST))


def test_a_mirror_that_is_removed_from_the_stack_file_is_asked_for_in_the_preview(
    use: dict[str, Any],
) -> None:
    use["north-to-west"] = BUSY
    (failure,) = DestroyGuardProvider().check(props(EAST, NORTH), props(EAST)).failures
    assert failure.reason.startswith("mirror north-to-west: destroying it is refused")


def test_another_stacks_mirror_is_refused_and_no_override_deletes_it(
    use: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner("region-mirror", "other", "ab" * 8)
    use["kafka/east-to-west"] = [DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", owner)]
    monkeypatch.setenv(OVERRIDE, "east-to-west")
    with pytest.raises(DestroyRefusedError, match="belongs to Pulumi stack region-mirror/other/"):
        DestroyGuardProvider().delete("id", props(EAST))
    mine = props(EAST)
    mine["mirrors"]["east-to-west"]["owner"] = str(owner)
    DestroyGuardProvider().delete("id", mine)


RENAMED = settings(mirror__name="eastern")


def test_a_rename_keeps_the_users_and_the_records_so_nothing_is_refused(use: dict[str, Any]) -> None:
    use["east-to-west"] = IN_USE
    assert DestroyGuardProvider().check(props(EAST), props(RENAMED)).failures == []


def test_a_rename_that_drops_a_user_in_use_is_refused_for_that_user(use: dict[str, Any]) -> None:
    use["east-to-west"] = IN_USE
    olds, news = props(EAST), props(RENAMED)
    olds["mirrors"]["east-to-west"]["copied"].append("ledger")
    (failure,) = DestroyGuardProvider().check(olds, news).failures
    assert "deletes 1 copied KafkaUsers" in failure.reason
    assert "(ledger)" in failure.reason
    assert "not mirrored yet" not in failure.reason


def test_another_mirror_that_is_added_is_no_rename(use: dict[str, Any]) -> None:
    use["east-to-west"] = IN_USE
    (failure,) = DestroyGuardProvider().check(props(EAST), props(NORTH)).failures
    assert "7 records of east are not mirrored yet" in failure.reason


def test_settings_in_the_state_that_this_version_refuses_are_explained(use: Clusters) -> None:
    """A later version has more rules: no traceback, and a way out."""
    older = copying("billing")
    older["mirrors"]["east-to-west"]["settings"]["workers"]["replicas"] = 0
    with pytest.raises(DestroyRefusedError) as refused:
        DestroyGuardProvider().delete("id", older)
    assert "are refused by this version" in str(refused.value)
    assert "workers.replicas" in str(refused.value)
    assert "Run `pulumi up` with the corrected stack file first" in str(refused.value)


def test_what_stays_is_not_asked_for(use: dict[str, Any]) -> None:
    use["east-to-west"] = BUSY
    assert DestroyGuardProvider().check(props(EAST), props(EAST, NORTH)).failures == []
    assert DestroyGuardProvider().check({}, props(EAST)).failures == []


def test_it_follows_the_settings(use: dict[str, Any]) -> None:
    other = settings(users__retain=True)
    assert DestroyGuardProvider().diff("id", props(EAST), props(EAST)).changes is False
    assert DestroyGuardProvider().diff("id", props(EAST), props(other)).changes is True
    assert DestroyGuardProvider().update("id", props(EAST), props(other)).outs == {
        "mirrors": props(other)["mirrors"]
    }


def test_the_state_keeps_a_reference_and_no_code() -> None:
    assert len(dill.dumps(DestroyGuardProvider())) < 200

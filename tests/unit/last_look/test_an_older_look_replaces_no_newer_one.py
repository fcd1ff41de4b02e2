"""Several commands keep the last look: one that took its time does not replace what was seen since."""

from __future__ import annotations

from typing import Any, cast

from mirror.clients.kubernetes import Kubernetes
from mirror.last_look.record import LastLook
from mirror.last_look.store import LastLookStore
from mirror.status.snapshot import Waiting
from tests.unit.last_look.test_the_last_look_is_kept import PATH, partition, snapshot
from tests.unit.support.made_up import NOW, settings
from tests.unit.support.memory_api import MemoryApi


def store(api: MemoryApi, now: float = NOW + 1_000) -> LastLookStore:
    return LastLookStore(cast(Kubernetes, api), settings(), lambda: now)


def seen(end: int, at: float) -> Any:
    return snapshot(partition(end, Waiting(0)), at=at)


def kept(api: MemoryApi) -> LastLook:
    found = store(api).read()
    assert found is not None
    return found


def test_a_slow_verify_does_not_replace_what_the_exporter_has_seen_since() -> None:
    api = MemoryApi()
    exporter = store(api)
    assert exporter.keep(seen(310, NOW + 60), "exporter", 30.0) == ""
    assert store(api).keep(seen(10, NOW), "verify") == ""
    assert (kept(api).by, kept(api).at) == ("exporter", NOW + 60)
    assert exporter.keep(seen(610, NOW + 90), "exporter", 30.0) == ""
    assert kept(api).at == NOW + 90


def test_a_look_that_another_command_has_written_in_between_is_seen() -> None:
    api = MemoryApi()
    watch, exporter = store(api), store(api)
    assert watch.keep(seen(10, NOW), "status --watch") == ""
    assert exporter.keep(seen(610, NOW + 60), "exporter", 30.0) == ""
    assert watch.keep(seen(310, NOW + 30), "status --watch") == ""
    assert kept(api).by == "exporter", "the older one"
    assert watch.keep(seen(910, NOW + 90), "status --watch") == ""
    assert (kept(api).by, kept(api).appended) == ("status --watch", {"orders": 10.0}), "since the exporter's"


def test_a_deployment_that_changes_a_label_keeps_no_look_away() -> None:
    api = MemoryApi()
    exporter = store(api)
    assert exporter.keep(seen(10, NOW), "exporter", 30.0) == ""
    api.put(PATH, api.objects[PATH] | {"metadata": {"labels": {"new": "one"}}})
    assert exporter.keep(seen(310, NOW + 30), "exporter", 30.0) == ""
    assert kept(api).at == NOW + 30


def test_a_config_map_that_was_deleted_is_made_again() -> None:
    api = MemoryApi()
    exporter = store(api)
    assert exporter.keep(seen(10, NOW), "exporter", 30.0) == ""
    del api.objects[PATH]
    assert exporter.keep(seen(310, NOW + 30), "exporter", 30.0) == ""
    assert exporter.keep(seen(610, NOW + 60), "exporter", 30.0) == ""
    assert kept(api).at == NOW + 60


def test_a_clock_that_is_ahead_keeps_nobody_away() -> None:
    """A laptop an hour ahead has looked: the exporter would have kept nothing for an hour."""
    api = MemoryApi()
    assert store(api).keep(seen(10, NOW + 3_600), "verify") == ""
    assert store(api, NOW + 30).keep(seen(20, NOW + 30), "exporter", 30.0) == ""
    assert kept(api).by == "exporter"


def test_a_config_map_that_changes_all_the_time_is_told() -> None:
    api = MemoryApi()
    exporter = store(api)
    assert exporter.keep(seen(10, NOW), "exporter", 30.0) == ""
    request = api.request

    def changing(method: str, path: str, what: str, **more: Any) -> dict[str, Any]:
        if method == "PATCH":
            api.put(PATH, api.objects[PATH])
        return request(method, path, what, **more)

    api.request = changing  # type: ignore[method-assign]
    assert exporter.keep(seen(310, NOW + 30), "exporter", 30.0).startswith("the last look was not kept: ")

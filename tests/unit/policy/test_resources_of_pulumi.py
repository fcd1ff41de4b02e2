"""What the policy pack makes of the resources that Pulumi hands over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.documents import MIRROR_KIND, Documents
from policy.examples import SOUND, STACK, changed
from policy.resources import UNKNOWN, documents_of, plain, stack_of
from settings.load import dump, load
from tests.unit.policy.made_up import ids, report


class UnknownValueError(Exception):
    pass


class Proxy(Mapping[str, Any]):
    """As the SDK's: an unknown value raises an error when it is read."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        if self._values[key] is UNKNOWN:
            raise UnknownValueError
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def test_the_urn_names_the_stack_and_the_project() -> None:
    urn = "urn:pulumi:prod-west::team::a:b:C$kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2::x::y"
    assert stack_of(urn) == ("prod-west", "team")


def test_numbers_are_whole_and_unknown_values_are_text() -> None:
    given = Proxy(spec=Proxy(replicas=3.0, share=0.5, url=UNKNOWN, all=[1.0, Proxy(a=True)]), name="x")
    assert plain(given, UnknownValueError) == {
        "spec": {"replicas": 3, "share": 0.5, "url": "not known in a preview", "all": [1, {"a": True}]},
        "name": "x",
    }


def test_a_kubernetes_object_is_a_document_and_others_are_none() -> None:
    (one,) = documents_of(SOUND, "prod-west")
    assert (one.origin, one.name) == ("prod-west", "kafka/east-to-west")
    assert list(documents_of({"kind": "x"}, "a")) == []
    assert list(documents_of({"mirrors": {"a": 1, "b": {"settings": {}}}}, "a")) == []


def test_the_destroy_guard_tells_the_settings() -> None:
    """`components/destroy_guard.py` keeps them; Pulumi sends every number as a float."""
    unverified = load(changed(STACK, (("spec", "verification", "enabled"), False))["spec"])
    settings = dump(unverified)
    settings["workers"]["replicas"] = 3.0
    kept = {"mirrors": {"east-to-west": {"settings": settings, "copied": []}}}
    found = tuple(documents_of(plain(kept, UnknownValueError), "prod-west"))
    assert [one.kind for one in found] == [MIRROR_KIND]
    ((_, read),) = Documents(found).settings()
    assert read.workers.replicas == 3
    assert ids(report(*found, rule="verification-on")) == ["verification-on"]

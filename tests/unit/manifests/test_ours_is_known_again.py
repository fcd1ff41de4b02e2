"""Whatever a mirror declares says which mirror declared it."""

from __future__ import annotations

from manifests.declaration import Declaration
from manifests.metadata import mirror_of
from tests.program.sample import estate
from tests.unit.settings.sample import settings


def test_every_manifest_names_its_mirror() -> None:
    given = settings()
    manifests = Declaration.of(given, estate(given)).manifests
    assert manifests
    assert {mirror_of(manifest["metadata"]) for manifest in manifests} == {"east-to-west"}


def test_what_others_made_is_not_ours() -> None:
    assert mirror_of({"name": "orders-consumer"}) is None
    assert mirror_of({"name": "orders-consumer", "annotations": None}) is None
    assert mirror_of({"name": "orders-consumer", "annotations": {"owner": "east-to-west"}}) is None

"""docs/rights.md explains every right that the settings give a user, and no other."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from settings.acls import mirror_user_acls, source_user_acls, verifier_acls
from tests.lab.rights.model import rights
from tests.lab.rights.page import page
from tests.lab.rights.table import BY_KEY, ROWS, Key, resource
from tests.unit.settings.sample import settings

DOCS = Path(__file__).parents[3] / "docs"
USERS = {"mirror": mirror_user_acls, "source": source_user_acls, "verifier": verifier_acls}


def keys(**changes: object) -> set[Key]:
    """Every right of every user under these settings, as the table names it."""
    chosen = settings(**changes)
    return {
        (user, resource(right, chosen), right.operation)  # type: ignore[misc]
        for user, acls in USERS.items()
        for right in rights(acls(chosen))
    }


def test_every_right_has_its_line_and_every_line_is_a_right() -> None:
    found: set[Key] = set()
    for exactly_once, location in product((True, False), ("target", "source")):
        found |= keys(mirror__exactly_once=exactly_once, mirror__offset_syncs_topic_location=location)
    assert found == set(BY_KEY)
    assert len(BY_KEY) == len(ROWS)


def test_the_page_is_what_the_table_says() -> None:
    assert (DOCS / "rights.md").read_text() == page(), "docs/rights.md is not up to date: make docs"

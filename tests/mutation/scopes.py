"""All scopes, by name."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.scope import Scope, within
from tests.mutation.scopes_of_checks import OF_CHECKS
from tests.mutation.scopes_of_cutover import OF_CUTOVER

_OF_CHECKS = "tests/unit/verify"

SCOPES = {
    **OF_CHECKS,
    **OF_CUTOVER,
    "excuses": Scope(
        ("mirror/audit/excuses.py",),
        within(
            "tests/unit/audit",
            ["test_what_is_rightly_on_one_side", "test_what_was_removed_during_an_audit"],
        ),
    ),
    "offsets": Scope(
        within("mirror/offsets", ["applying", "metadata", "proposal", "renewal", "survey", "table"]),
        (
            *within(
                "tests/unit/offsets",
                [
                    "test_a_refused_offset_says_what_to_do",
                    "test_offset_files_are_read_strictly",
                    "test_offsets_are_applied_only_when_safe",
                    "test_offsets_are_proposed",
                    "test_offsets_are_set",
                    "test_old_offsets_are_renewed",
                    "test_other_groups_are_surveyed",
                ],
            ),
            *within(_OF_CHECKS, ["test_check_status_and_apply_agree"]),
        ),
    ),
    "mm2": Scope(
        within("mirror/mm2", ["connect_format", "formats", "moved", "phase", "positions", "store"]),
        (
            *within(
                "tests/unit/mm2",
                [
                    "test_a_moved_part_is_never_taken_back",
                    "test_checkpoints_are_read_as_java_does",
                    "test_kept_syncs_are_those_of_kafka",
                    "test_mm2s_own_records_are_decoded",
                    "test_offset_syncs_are_kept_as_mm2_does",
                    "test_offsets_topics_that_grew_for_days",
                    "test_positions_come_from_connects_offsets",
                    "test_stale_translations_are_found",
                ],
            ),
            "tests/unit/cutover/test_a_phase_is_never_reverted.py",
            "tests/unit/start/test_where_a_mirror_begins.py",
        ),
    ),
    "start": Scope(
        ("mirror/verify/baseline.py", *within("mirror/start", ["initial_offsets/choice", "leftovers/judge"])),
        (
            *within(
                "tests/unit/start",
                [
                    "test_a_deployed_mirror_is_recognized",
                    "test_a_start_is_never_later",
                    "test_an_interrupted_start_is_chosen_anew",
                    "test_baseline_is_taken",
                    "test_leftovers_are_explained",
                    "test_where_a_mirror_begins",
                ],
            ),
            *within(_OF_CHECKS, ["test_baseline_is_kept"]),
        ),
    ),
    "patterns": Scope(
        within("settings", ["filters", "loops", "overlap", "patterns"]),
        within(
            "tests/unit/settings",
            [
                "test_acl_scopes_hold_what_patterns_match",
                "test_loops",
                "test_moved_topics_are_left_out",
                "test_names_decide_what_is_mirrored",
                "test_no_loop_is_missed",
                "test_overlap_is_never_missed",
                "test_patterns_both_engines_read_alike",
                "test_readers_of_copies_do_not_get_home",
                "test_what_is_mirrored",
            ],
        ),
    ),
}


def missing(root: Path) -> list[str]:
    """Files of the scopes that do not exist."""
    return [
        name
        for scope in SCOPES.values()
        for name in (*scope.modules, *scope.tests)
        if not (root / name).is_file()
    ]

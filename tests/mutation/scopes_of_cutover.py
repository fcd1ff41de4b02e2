"""The scopes of mirror/cutover."""

from __future__ import annotations

from tests.mutation.scope import Scope, within

_CUTOVER, _OF_CUTOVER = "mirror/cutover", "tests/unit/cutover"

OF_CUTOVER = {
    "acls": Scope(
        within(_CUTOVER, ["fence/acls", "users/judge"]),
        within(
            _OF_CUTOVER,
            [
                "fence/test_acls",
                "fence/test_acls_are_judged",
                "test_copied_users_may_write_after_the_promotion",
            ],
        ),
    ),
    "cutover": Scope(
        within(_CUTOVER, ["connectors/judge", "failover/placement"]),
        within(
            _OF_CUTOVER,
            [
                "test_connectors_are_stopped",
                "failover/test_a_failover_needs_no_source",
                "failover/test_groups_are_placed_without_the_source",
                "failover/test_states_of_placed_groups",
                "failover/test_the_last_records_of_the_target_place_groups",
            ],
        ),
    ),
    "moves": Scope(
        within(
            _CUTOVER,
            ["groups/judge", "drain/judge", "proof/judge", "proof/tails", "part/judge", "part/choose"],
        ),
        within(
            _OF_CUTOVER,
            [
                "test_a_promotion_is_proven_and_final",
                "test_each_group_of_a_move_is_told",
                "test_groups_are_judged_before_they_move",
                "test_the_drain_counts_records",
                "test_the_last_records_are_counted",
                "part/test_one_part_at_a_time",
                "part/test_what_a_refused_part_is_told",
                "part/test_what_couples_a_part_is_refused",
            ],
        ),
    ),
    "home": Scope(
        (
            *within(f"{_CUTOVER}/failback", ["judge", "originals", "starts"]),
            *within(f"{_CUTOVER}/reopening", ["homes", "remove_fence", "return_groups", "way_back"]),
        ),
        within(
            _OF_CUTOVER,
            [
                "failback/test_copies_that_stay",
                "fence/test_acls",
                "failback/test_the_way_back",
                "failback/test_where_the_way_back_begins",
                "reopening/test_groups_continue_in_the_original",
                "reopening/test_offsets_in_the_original",
                "reopening/test_the_new_region_is_lost",
                "reopening/test_the_old_region_opens_after_the_way_home",
                "reopening/test_what_is_left_of_a_fence",
                "test_a_move_is_not_repeated_after_the_way_home",
            ],
        ),
    ),
    "lost": Scope(
        within(_CUTOVER, ["failover/loss", "failover/first_placed", "teardown/judge"]),
        within(
            _OF_CUTOVER,
            [
                "failover/test_groups_read_on_before_the_promotion",
                "failover/test_states_of_placed_groups",
                "failover/test_the_loss_is_reported_whole",
                "failover/test_what_is_missing_is_told_honestly",
                "test_destroying_is_judged",
                "test_who_uses_copies_is_read",
            ],
        ),
    ),
    "recovery": Scope(
        within(
            f"{_CUTOVER}/recovery",
            ["missing", "in_order", "read_twice", "choices", "marks", "topics", "groups"],
        ),
        within(
            f"{_OF_CUTOVER}/recovery",
            [
                "test_copies_among_other_records",
                "test_copies_with_other_timestamps_are_named",
                "test_marks",
                "test_quarantine_topics_are_created",
                "test_what_never_crossed",
                "test_what_was_processed_twice",
                "test_where_records_go",
            ],
        ),
    ),
}

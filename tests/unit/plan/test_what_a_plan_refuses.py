"""A plan refuses a changed identity, a phase that contradicts the deployed one, another stack's mirror."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manifests.metadata import MIRROR, OWNER, Owner
from mirror.plan.planned import Plan
from mirror.plan.render import markdown
from mirror.plan.sentences import headline, sections
from settings.model import Settings
from tests.unit.plan.made_up import deployed, plan
from tests.unit.settings.sample import settings


def test_a_changed_identity_is_refused_with_its_reason() -> None:
    found = plan(settings(mirror__group_id="other"), settings())
    (reason,) = found.refused
    assert "mirror.group_id: east-to-west -> other" in reason
    assert not plan(settings(mirror__group_id="other", mirror__identity_change="allow"), settings()).refused


def test_another_cluster_of_the_target_is_refused() -> None:
    """Its users would be deleted on the former one, and the plan said nothing of it."""
    (reason,) = plan(settings(target__cluster="other"), settings()).refused
    assert "target.cluster: west -> other" in reason


def test_a_renamed_source_is_refused() -> None:
    assert "source.alias" in plan(settings(source__alias="north"), settings()).refused[0]


def test_a_phase_that_contradicts_the_deployed_mirror_is_refused() -> None:
    promoted = settings(mirror__phase="promoted")
    found = plan(settings(), promoted)
    [back] = found.refused
    assert "was promoted" in back
    assert found.contradicted == found.refused
    [forward] = plan(promoted, settings()).refused
    assert "has not been promoted" in forward
    [first] = plan(promoted).refused
    assert "no such mirror is deployed" in first
    assert plan(settings(mirror__phase="retired"), promoted).refused == ()
    retired = plan(settings(mirror__phase="retired"), promoted)
    (deletes,) = [one for one in retired.notes if "`pulumi destroy` of this retired mirror" in one]
    assert (
        "also deletes its 5 internal topics on west, and no other topic: __east-to-west-config, " in deletes
    )
    assert sections(plan(settings(), promoted))[0].title == "Refused"


@pytest.mark.parametrize("form", [markdown, lambda found: "\n".join(sections(found)[0].items)])
def test_the_way_out_of_a_refusal_is_not_cut_off(form: Callable[[Plan], str]) -> None:
    """It ended after 240 characters, in the comment of the pull request, too."""
    promoted = settings(mirror__phase="promoted")
    text = form(plan(settings(), promoted))
    assert "Set `mirror.phase: promoted` in the stack file." in text
    assert "Run `region-mirror cutover` first" in form(plan(promoted, settings()))


MINE, OTHER = Owner("region-mirror", "west"), Owner("region-mirror", "north", "ab" * 8)


OLDER = settings(mirror__name="older", mirror__group_id="older")


def live(given: Settings, owner: Owner | None) -> dict[str, Any]:
    resource = dict(deployed(given).mirror_maker2 or {})
    annotations = {MIRROR: given.mirror.name, **({OWNER: str(owner)} if owner else {})}
    return {**resource, "metadata": {**resource["metadata"], "annotations": annotations}}


def test_the_mirror_of_another_stack_is_refused() -> None:
    found = plan(settings(), settings(), owner=MINE, mirror_maker2=live(settings(), OTHER))
    assert headline(found) == "Refused: this change cannot be deployed"
    assert f"belongs to Pulumi stack {OTHER}" in found.refused[0]
    # `pulumi stack rename`: a plan does not read the state, which has the id.
    assert "was renamed: `pulumi up` knows it by its id, and is not refused" in found.refused[0]
    assert plan(settings(), settings(), mirror_maker2=live(settings(), OTHER)).refused == ()


def test_an_owner_that_is_not_recorded_yet_is_a_note() -> None:
    found = plan(settings(), settings(), owner=MINE)
    assert found.refused == ()
    assert any("records region-mirror/west as the owner" in note for note in found.notes)
    owned = plan(settings(), settings(), owner=MINE, mirror_maker2=live(settings(), MINE))
    assert owned.notes == ()


@pytest.mark.parametrize("owner", [MINE, None])
def test_a_rename_is_no_first_deployment(owner: Owner | None) -> None:
    others = {"older": live(OLDER, owner)}
    refused = plan(settings(), owner=MINE, others=others)
    assert refused.renamed_from == "older"
    assert "this mirror was older and would become east-to-west" in refused.refused[0]
    allowed = plan(settings(mirror__identity_change="allow"), owner=MINE, others=others)
    assert headline(allowed) == "Renamed: mirror older becomes east-to-west"
    assert "Rename" in [one.title for one in sections(allowed)]


@pytest.mark.parametrize(
    "other", [live(OLDER, OTHER), live(settings(source__alias="north", mirror__name="older"), MINE)]
)
def test_another_stacks_and_another_sources_mirror_is_not_renamed(other: dict[str, Any]) -> None:
    found = plan(settings(), owner=MINE, others={"older": other})
    assert found.renamed_from is None
    assert headline(found).startswith("First deployment")


def test_a_deployment_that_runs_the_cutover_is_a_warning() -> None:
    asking = settings(mirror__phase="promoted", cutover__by_up=True)
    found = plan(asking, settings())
    (warning,) = found.warnings
    assert warning.startswith("`pulumi up` runs the cutover to west before it changes anything else")
    assert not found.refused
    assert not plan(asking, settings(mirror__phase="promoted")).warnings
    assert plan(settings(mirror__phase="promoted"), settings()).refused


def test_right_after_the_cutover_the_stack_file_changes_nothing_in_the_cluster() -> None:
    """Pulumi's own diff shows changes then: its state is older than the cutover."""
    promoted = settings(mirror__phase="promoted")
    assert headline(plan(promoted, promoted)) == "No changes"

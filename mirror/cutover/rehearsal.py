"""Looks at every step once, measures the looks, and predicts the cutover. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mirror.cutover.prediction import Prediction, predict, rate_between
from mirror.cutover.step import Step, Verdict, World

_NEEDED = {"drain", "move-groups"}


def look_at_all(
    world: World, steps: Sequence[Step], *, predicting: bool
) -> tuple[list[tuple[str, Verdict]], Prediction | None]:
    """Return the verdict of each step, and the prediction where it is asked for and the mirror is not
    promoted yet. Raises CouldNotRun.
    """
    verdicts: list[tuple[str, Verdict]] = []
    looks, at = {}, {}
    for step in steps:
        began = time.monotonic()
        verdicts.append((step.name, step.look(world)))
        at[step.name] = time.monotonic()
        looks[step.name] = at[step.name] - began
    by_step = dict(verdicts)
    if not (predicting and by_step.keys() >= _NEEDED) or "groups" not in by_step["move-groups"].evidence:
        return verdicts, None
    rate = None
    if by_step["drain"].remaining:
        # A second look, seconds later, shows how fast MM2 mirrors.
        again = next(step for step in steps if step.name == "drain").look(world)
        rate = rate_between(by_step["drain"], again, time.monotonic() - at["drain"])
    return verdicts, predict(by_step, looks, rate)

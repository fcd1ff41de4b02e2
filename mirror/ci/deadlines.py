"""How long a pipeline's job may deploy a stack. Pure.

A job that ends earlier than `pulumi up` kills it: the stack stays locked, and its verification is not
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 350
"""Minutes that any job may take. GitHub ends every job of its own runners after 360."""
_LEAST = 60
_BESIDE_THE_PROOF = 30
"""Minutes for everything else that `pulumi up` waits for, and for `verify` after it."""


def minutes(deadlines: Iterable[int]) -> int:
    """Return the minutes for a job that deploys stacks one after the other. `deadlines`: of each, the seconds
    that its verification may take; 0 where they are not known.
    """
    return min(LONGEST, max([_LEAST, *(-(-one // 60) + _BESIDE_THE_PROOF for one in deadlines)]))

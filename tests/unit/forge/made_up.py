"""Reports of made-up stacks."""

from __future__ import annotations

from mirror.forge.report import Part, StackReport

PLAN = "### Mirror `east-to-west`\n\n**1 topic is added.**\n\n- **Topics**: 1 added:\n  - `+` invoices\n"


def report(
    stack: str = "prod-west", plan: str = PLAN, preview: str = "Previewing\n    + 2 to create", code: int = 0
) -> StackReport:
    return StackReport(stack, (Part("plan", plan, True, 0), Part("preview", preview, False, code)))

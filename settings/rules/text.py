"""What a rule is, and the rules for texts that no system defines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from settings.model.secret import is_content

RuleResult = tuple[str, str] | None
"""The rule that a value breaks and what to do, or None."""
TextRule = Callable[[str], RuleResult]
"""A rule for text; a list's rule applies to each of its elements."""

# Pulumi, workspace.ValidateProjectName and tokens.ParseStackName; the id is region-mirror's own.
_OWNER = re.compile(r"unrecorded|[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[0-9a-f]{16}")

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [-+]\d{4} \S+")


def no_date(value: str) -> RuleResult:
    """Refuse what Pulumi makes of a date without quotes: `2026-11-01 00:00:00 +0000 UTC`."""
    if _DATE.fullmatch(value):
        return "is what Pulumi makes of a date without quotes", "Put it in quotes in the stack file"
    return None


def not_blank(value: str) -> RuleResult:
    """Check that a text is not empty."""
    return None if value.strip() else ("must not be empty", "Remove the line, or write a value")


def file_path(value: str) -> RuleResult:
    """Check that a text is the path of a file. Pulumi's own Kubernetes provider also takes a kubeconfig."""
    if is_content(value):
        return (
            "must be the path of a file, and is the content of one",
            "Write the content to a file that the machine with Pulumi has, and name that file, or leave the "
            "setting out and set KUBECONFIG. If it has a credential, replace that by a new one",
        )
    return not_blank(value)


def owner(value: str) -> RuleResult:
    """Check the recorded owner of a mirror: `project/stack/id`, or `unrecorded`."""
    if _OWNER.fullmatch(value):
        return None
    return "must be project/stack/id, or unrecorded", "Copy it from the message of `pulumi preview`"


def whole(expression: re.Pattern[str], longest: int | None = None) -> dict[str, object]:
    """The JSON Schema for a whole text, with `longest` characters at most."""
    length = {} if longest is None else {"maxLength": longest}
    return {"pattern": f"^({expression.pattern})$", **length}


JSON_SCHEMA: Mapping[TextRule, Mapping[str, object]] = {
    not_blank: {"pattern": r"\S"},
    file_path: {"pattern": r"^\s*[^\s{][^\n]*\s*$"},
    owner: whole(_OWNER),
}

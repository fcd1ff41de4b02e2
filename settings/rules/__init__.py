"""The rules for single values. Each is a function that returns (rule, remedy) for a value that breaks it,
else None.
"""

from __future__ import annotations

from collections.abc import Mapping

from settings import cron
from settings.rules import kafka, kubernetes, login, text

JSON_SCHEMA: Mapping[text.TextRule, Mapping[str, object]] = {
    **text.JSON_SCHEMA,
    **kubernetes.JSON_SCHEMA,
    **kafka.JSON_SCHEMA,
    **login.JSON_SCHEMA,
    cron.schedule: {"pattern": r"^(@[a-z]+|\s*\S+(\s+\S+){4}\s*)$"},
}
"""Each rule as a JSON Schema, for editors. A schema may accept more than its rule, never less."""

"""Reads the options of a JAAS text (`sasl.jaas.config`; Kafka's class `JaasConfig`). Pure."""

from __future__ import annotations

import re

_OPTION = re.compile(r"""([\w.]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))""")


def options(text: object) -> dict[str, str]:
    """Return the options by name; the last of several with one name counts."""
    return {key: "".join(value) for key, *value in _OPTION.findall(str(text))}

"""Reads YAML as Pulumi does, and writes what Pulumi and Kubernetes read alike.

To Pulumi (yaml.v3) `on`, `no` and `22:30` are texts, and `1e3` and `08` are numbers. PyYAML, of YAML 1.1, has
it the other way round: a command that read a stack file with it would judge another mirror than the one that
`pulumi up` deploys. Kubernetes (sigs.k8s.io/yaml) reads `on` and `y` as booleans, and `1e3` as a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any

import yaml

_BOOL, _INT, _FLOAT, _VALUE, _MERGE, _TIMESTAMP = (
    f"tag:yaml.org,2002:{one}" for one in ("bool", "int", "float", "value", "merge", "timestamp")
)
_NUMBERS = (
    (_INT, re.compile(r"[-+]?(?!0[box]_*$)(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$")),
    (
        _FLOAT,
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
    ),
)
"""`resolve` in yaml.v3's resolve.go."""
_FIRST = list("-+.0123456789")
_TIME = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?"
_DATE = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[Tt]{_TIME}(Z|[-+]\d\d:\d\d)| {_TIME})?$", re.ASCII)
"""`allowedTimestampFormats` in yaml.v3's resolve.go."""


class PulumiLoader(yaml.SafeLoader):
    """Reads what Pulumi reads, and rejects duplicate keys as it does: of two, PyYAML would use the last one,
    without a word.
    """

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Raise ConstructorError with the place of the second key. A merge (`<<: *common`) adds keys later,
        under those that are there.
        """
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        written = [key for key, _ in node.value if key.tag != _MERGE]
        keys = [self.construct_object(key, deep=True) for key in written]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                told = f"the key {key!r} is there twice"
                raise yaml.constructor.ConstructorError(None, None, told, written[index].start_mark)
        return node

    def construct_number(self, node: yaml.ScalarNode) -> float | str:
        """Return an integer for a number that has no fraction, and a text for one that no float holds
        (`1234e567`, as the hash of a commit), as Pulumi does.
        """
        number = float(self.construct_yaml_float(node))
        if math.isinf(number) and "inf" not in node.value.lower():
            return str(node.value)
        return int(number) if number.is_integer() else number

    def construct_date(self, node: yaml.ScalarNode) -> str:
        """Return a date as Pulumi does: as the text into which Go writes it. What is no date is a text."""
        return _as_go_writes_it(str(node.value))


class KubernetesLoader(yaml.SafeLoader):
    """Reads manifests, to which `=` and what looks like a date are texts. PyYAML refuses `=`, and a date that
    there is not.
    """


class Dumper(yaml.SafeDumper):
    """Also puts texts in quotes that only Go's readers take for a number or a boolean: the digest `12e5`, and
    what Kubernetes' older one does (`0812`, `0XFF`, `y`; sigs.k8s.io/yaml).
    """


def _as_go_writes_it(text: str) -> str:
    """Return a date in the form of Go's `time.Time.String`; the text itself where there is no such date."""
    found = _DATE.match(text)
    if found is None:
        return text
    year, month, day, *after_t, zone, hour, minute, second, fraction = found.groups()
    clock = after_t if zone else (hour, minute, second, fraction)
    numbers = [int(one or 0) for one in (year, month, day, *clock[:3])]
    zone = (zone or "Z").replace(":", "").replace("Z", "+0000")
    try:
        # Every 400 years the calendar is the same; Python has no year 0.
        date(2000 + numbers[0] % 400, numbers[1], numbers[2])
        time(numbers[3], numbers[4], numbers[5])
    except ValueError:
        return text
    if int(zone[1:3]) > 24 or int(zone[3:]) > 60:
        return text
    digits = (clock[3] or "").rstrip("0")
    moment = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*numbers) + (f".{digits}" if digits else "")
    return f"{moment} +0000 UTC" if int(zone[1:]) == 0 else f"{moment} {zone} {zone}"


def to_yaml(value: Any, **options: Any) -> str:
    """Return YAML that Pulumi, Kubernetes and `PulumiLoader` read as this value; `options` of `yaml.dump`."""
    return to_yaml_all([value], **options)


def to_yaml_all(values: Iterable[Any], **options: Any) -> str:
    """As `to_yaml`, for several documents."""
    found: str = yaml.dump_all(values, Dumper=Dumper, **options)
    return found


KubernetesLoader.yaml_implicit_resolvers = {
    first: [one for one in found if one[0] not in (_VALUE, _TIMESTAMP)]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PulumiLoader.yaml_implicit_resolvers = {
    first: [one for one in found if one[0] not in (_BOOL, _INT, _FLOAT, _VALUE, _TIMESTAMP)]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PulumiLoader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
PulumiLoader.add_constructor(_FLOAT, PulumiLoader.construct_number)
PulumiLoader.add_implicit_resolver(_TIMESTAMP, _DATE, list("0123456789"))
PulumiLoader.add_constructor(_TIMESTAMP, PulumiLoader.construct_date)
for _tag, _number in _NUMBERS:
    PulumiLoader.add_implicit_resolver(_tag, _number, _FIRST)
    Dumper.add_implicit_resolver(_tag, _number, _FIRST)
Dumper.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"(?:[yYnN]|[-+]?0[xXoObB][0-9a-fA-F_]+|[-+]?[0-9_]+(?:[eE][-+]?[0-9_]+)?"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$"
    ),
    [*_FIRST, *"yYnN"],
)

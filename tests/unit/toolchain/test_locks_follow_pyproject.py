"""The locks (requirements*.txt) hold what pyproject.toml asks for, whole, with hashes, and nothing else."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parents[3]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUN = [*PROJECT["project"]["dependencies"], *EXTRAS["audit"]]
LOCKED_FOR = {
    "requirements-mirror.txt": RUN,
    "requirements.txt": [*RUN, *EXTRAS["program"]],
    "requirements-dev.txt": [*RUN, *EXTRAS["program"], *PROJECT["dependency-groups"]["dev"]],
}
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\]+?))? \\((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)$",
    re.M,
)
Pins = dict[str, Version]


def pins(file: str) -> Pins:
    """The packages that the lock installs on this machine. Each has a hash, and each line is a pin's."""
    text = "".join(
        line for line in (CHECKOUT / file).read_text().splitlines(keepends=True) if not line.startswith("#")
    )
    text = text.replace(" \\\n", " \\\n")
    found: Pins = {}
    rest = text
    for pin in _PIN.finditer(text):
        name, version, marker = pin[1], pin[2], pin[3]
        rest = rest.replace(pin[0], "", 1)
        if marker is None or Marker(marker).evaluate():
            assert name not in found, f"{name} is pinned twice"
            found[canonicalize_name(name)] = Version(version)
    assert not rest.strip(), f"not a pin with hashes: {rest.strip()[:200]}"
    return found


def closure(requirements: list[str]) -> dict[str, list[Requirement]]:
    """All packages that the requirements bring on this machine, by the metadata of what is installed, and
    what is asked of each.
    """
    asked: dict[str, list[Requirement]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(one) for one in requirements]
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        asked.setdefault(name, []).append(one)
        if (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            extras = one.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(needed)
    return asked


@pytest.mark.parametrize("file", LOCKED_FOR)
def test_a_lock_is_what_pyproject_asks_for(file: str) -> None:
    locked = pins(file)
    asked = closure(LOCKED_FOR[file])
    # uv never pins these: an environment has them before anything is installed.
    for name in ("pip", "setuptools"):
        asked.pop(name, None)
    assert set(locked) == set(asked), "run `make lock`"
    wrong = [
        f"{name} {locked[name]}, but {one} is asked for"
        for name, requirements in asked.items()
        for one in requirements
        if not one.specifier.contains(locked[name], prereleases=True)
    ]
    assert not wrong, "run `make lock`"


def test_the_locks_agree() -> None:
    whole = pins("requirements-dev.txt")
    for file in LOCKED_FOR:
        assert pins(file).items() <= whole.items()


def test_the_environment_is_the_locks() -> None:
    for name, version in pins("requirements-dev.txt").items():
        try:
            assert Version(distribution(name).version) == version
        except PackageNotFoundError:
            pytest.fail(f"{name} is not installed: make venv")

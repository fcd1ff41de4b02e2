"""The wheel has every package, and every file of theirs that is not Python."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
SETUPTOOLS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["setuptools"]
TOPS = [
    path.name
    for pattern in SETUPTOOLS["packages"]["find"]["include"]
    for path in CHECKOUT.glob(pattern)
    if path.is_dir()
]
LEFT_OUT = {
    "provider/requirements.txt": "for `pulumi install` from a repository: a wheel has metadata",
    "policy/requirements.in": "for `make lock`",
}


def test_the_packages_are_these() -> None:
    assert set(TOPS) - {"policy"} == {"settings", "manifests", "mirror", "components", "provider"}


@pytest.mark.parametrize("top", TOPS)
def test_every_folder_with_python_is_a_package(top: str) -> None:
    """setuptools leaves a folder out that has no __init__.py, without a word."""
    folders = {path.parent for path in (CHECKOUT / top).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("top", TOPS)
def test_every_other_file_is_package_data(top: str) -> None:
    named = {
        file
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
        for file in (CHECKOUT / package.replace(".", "/")).glob(pattern)
    }
    others = {
        path
        for path in (CHECKOUT / top).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts
    }
    missing = {str(path.relative_to(CHECKOUT)) for path in others - named}
    assert missing <= set(LEFT_OUT)
    assert all(file.is_file() for file in named)

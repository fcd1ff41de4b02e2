"""The image contains what `python -m mirror` needs, and nothing else that is in the checkout."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.support.image_context import CHECKOUT, copied, instructions, sent_to_the_builder

IGNORE = (CHECKOUT / ".dockerignore").read_text()
PACKAGES = ("settings", "manifests", "policy", "mirror")
"""The program's packages in the image; Kafka's and Pulumi's come from requirements-mirror.txt."""
OF_THE_PACK = {"policy/PulumiPolicy.yaml", "policy/requirements.in", "policy/requirements.txt"}
"""The Pulumi policy pack runs beside Pulumi, not in the image."""
PROGRAMS = ("settings", "manifests", "mirror", "policy", "components", "provider", "lab", "tests")


def of_the_packages() -> list[str]:
    """The committed files of the packages, and those that wait for a commit."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES]
    found = subprocess.run(listed, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.split()
    return [one for one in found if (CHECKOUT / one).is_file() and one not in OF_THE_PACK]


def test_the_builder_gets_the_packages_and_their_lock() -> None:
    assert sent_to_the_builder(CHECKOUT, IGNORE) == {"requirements-mirror.txt", *of_the_packages()}


def test_the_image_gets_all_of_it() -> None:
    assert copied() == {"requirements-mirror.txt": "./", **{one: f"./{one}" for one in PACKAGES}}


def test_the_page_names_all_of_it() -> None:
    page = (CHECKOUT / "docs" / "in-cluster.md").read_text()
    named = re.search(r"The image contains (.*?`)\.", page, re.DOTALL)
    assert named is not None
    assert {*re.findall(r"`(.*?)/?`", named[1])} == {"requirements-mirror.txt", *PACKAGES}


@pytest.mark.parametrize(
    "path",
    [
        "stacks/Pulumi.prod-west.yaml",
        ".git/config",
        ".pulumi/stacks/prod-west.json",
        ".lab/west/kubeconfig",
        "sourceuser.yaml",
        "mirror/sourceuser.yaml",
        "mirror/.env",
        "settings/kubeconfig",
        "manifests/in_cluster/client.key",
        "mirror/status/assets/report.html",
        "mirror/__pycache__/cli.cpython-313.pyc",
        "lab/cli.py",
        "__main__.py",
    ],
)
def test_nobodys_credentials_are_sent(path: str, tmp_path: Path) -> None:
    for one in (path, "mirror/cli.py", "mirror/verify/checks/lag.py"):
        (tmp_path / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one).touch()
    assert sent_to_the_builder(tmp_path, IGNORE) == {"mirror/cli.py", "mirror/verify/checks/lag.py"}


def test_no_module_of_the_image_needs_another_package_of_the_checkout() -> None:
    needed: dict[str, str] = {}
    for path in of_the_packages():
        for one in ast.walk(ast.parse((CHECKOUT / path).read_text())) if path.endswith(".py") else ():
            if isinstance(one, ast.Import):
                needed |= {alias.name.split(".")[0]: path for alias in one.names}
            elif isinstance(one, ast.ImportFrom) and one.module and not one.level:
                needed[one.module.split(".")[0]] = path
    assert {one: path for one, path in needed.items() if one in PROGRAMS and one not in PACKAGES} == {}


def test_the_image_has_no_installer_and_no_root() -> None:
    words = [" ".join((word, *rest)) for word, rest in instructions()]
    removed = words.index("RUN python -m pip uninstall -y pip")
    assert not [one for one in words[removed + 1 :] if one.startswith(("RUN", "COPY"))]
    (user,) = [one for one in words if one.startswith("USER ")]
    assert int(user.removeprefix("USER ").partition(":")[0]) > 1000

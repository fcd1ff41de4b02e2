"""The image of a verification holds all that it needs: the Dockerfile's steps, done in an empty folder.

There is no container engine here, so its base is this machine's Python in a bare virtual environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from lab.kubelet.pod import ENTRYPOINT
from tests.lab.support.command import Ran, run
from tests.unit.support.image_context import CHECKOUT, instructions, sent_to_the_builder


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder that is /app in the image, and the Python beside it."""
    app, base = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("base")
    venv.create(base, with_pip=True)
    python = base / "bin" / "python"
    sent = sent_to_the_builder(CHECKOUT, (CHECKOUT / ".dockerignore").read_text())
    for word, words in instructions():
        if word == "COPY":
            *sources, to = words
            for source in sources:
                files = [one for one in sent if one == source or one.startswith(f"{source}/")]
                assert files, f".dockerignore keeps {source} back"
                for one in files:
                    place = app / to / Path(one).relative_to(source) if one != source else app / to / one
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(CHECKOUT / one, place)
        elif word == "RUN":
            argv = [str(python), "-m", *words] if words[0] == "pip" else [str(python), *words[1:]]
            subprocess.run(argv, cwd=app, check=True, env=bare())
    return app, python


def bare() -> dict[str, str]:
    """No variable by which Python could find the checkout or its environment."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}


def mirror(image: tuple[Path, Path], *arguments: str) -> Ran:
    app, python = image
    return run([str(python), *ENTRYPOINT[1:], *arguments], cwd=app, env=bare(), seconds=120)


def test_it_can_verify(image: tuple[Path, Path], tmp_path: Path) -> None:
    assert "--result-config-map" in mirror(image, "verify", "--help").ok().stdout
    stack = tmp_path / "Pulumi.mirror.yaml"
    stack.write_text((CHECKOUT / "stacks" / "Pulumi.lab.yaml").read_text())
    nowhere = mirror(image, "verify", "--config-file", str(stack))
    assert nowhere.code == 2, nowhere.output
    assert ".lab/west/kubeconfig" in nowhere.output  # so far does it get without a cluster


@pytest.mark.parametrize("module", ["pulumi", "pulumi_kubernetes", "components", "lab"])
def test_it_holds_nothing_else(module: str, image: tuple[Path, Path]) -> None:
    app, python = image
    ran = run([str(python), "-c", f"import {module}"], cwd=app, env=bare())
    assert "ModuleNotFoundError" in ran.stderr


def test_it_runs_as_nobody_in_particular() -> None:
    (user,) = [words for word, words in instructions() if word == "USER"]
    assert int(user[0].partition(":")[0]) > 1000


def test_the_lab_starts_it_as_a_container_engine_would() -> None:
    (entrypoint,) = [" ".join(words) for word, words in instructions() if word == "ENTRYPOINT"]
    assert entrypoint == "[" + ", ".join(f'"{part}"' for part in ENTRYPOINT) + "]"


def test_this_python_is_not_newer_than_the_images() -> None:
    (base,) = [words[0] for word, words in instructions() if word == "FROM"]
    assert base.startswith("python:3.")
    assert base.endswith("-slim")
    assert sys.version_info[:2] <= tuple(map(int, base.removeprefix("python:").split("-")[0].split(".")))

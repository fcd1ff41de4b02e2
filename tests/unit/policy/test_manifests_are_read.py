"""Files of any team: several documents, lists, stack files, folders; and what is none of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from policy.documents import MIRROR_KIND
from policy.examples import REMOVED, SOUND, TARGET, changed, sound
from policy.files import read_file, read_paths, read_text
from policy.problems import PolicyError
from tests.examples import NAMES, STACKS, text
from tests.unit.policy.made_up import documents, ids, report


def test_several_documents_and_lists_are_read() -> None:
    kubectl = {"apiVersion": "v1", "kind": "List", "items": [SOUND]}
    api = {"kind": "KafkaMirrorMaker2List", "items": [{"metadata": {"name": "x"}, "spec": {}}]}
    both = "\n---\n".join([yaml.safe_dump(SOUND), json.dumps(kubectl), json.dumps(api), "", "- no object"])
    found = read_text(both, "all.yaml")
    assert [one.kind for one in found] == ["KafkaMirrorMaker2"] * 3
    assert found[0].name == "kafka/east-to-west"


def test_values_with_the_tags_of_other_programs_are_ignored() -> None:
    found = read_text("kind: Secret\nmetadata: {name: a}\ndata: {x: !vault abc}\n", "a")
    assert found[0].name == "a"


def test_a_folder_is_read_with_the_folders_below(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "mirror.yml").write_text(yaml.safe_dump(SOUND))
    (tmp_path / "a" / "README.md").write_text("no manifest: {")
    assert [one.kind for one in read_paths([tmp_path])] == ["KafkaMirrorMaker2"]


@pytest.mark.parametrize("content", ["a: [", "\x00"])
def test_what_is_no_yaml_is_one_message(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yaml").write_text(content)
    with pytest.raises(PolicyError, match=r"it is not YAML"):
        read_paths([tmp_path])


def test_a_broken_stack_file_names_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    path.write_text("config: {region-mirror:source: {}, region-mirror:target: {}}")
    with pytest.raises(PolicyError, match=r"source.alias"):
        read_file(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_stack_file_renders_without_a_cluster(name: str) -> None:
    found = read_text(text(name), name)
    kinds = [one.kind for one in found]
    assert kinds.count("KafkaMirrorMaker2") == kinds.count(MIRROR_KIND) > 0
    assert found == read_file(STACKS / f"Pulumi.{name}.yaml")


def test_the_examples_of_the_project_keep_the_policy() -> None:
    """The resources are for the reader to choose."""
    found = {name: set(ids(report(*read_text(text(name), name)))) - {"resources-set"} for name in NAMES}
    assert set().union(*found.values()) == set()


@pytest.mark.parametrize(
    "broken",
    [
        sound(((*TARGET, "tls"), True)),
        sound((("spec", "mirrors"), [{"source": 1}])),
        changed(SOUND, (("spec", "target", "config"), "x")),
    ],
)
def test_a_manifest_that_is_no_valid_object_could_not_be_judged(broken: dict[str, object]) -> None:
    with pytest.raises(PolicyError, match="a manifest is no valid object of its kind"):
        report(*documents(a=broken))


def test_a_resource_without_mirrors_is_named() -> None:
    empty = sound((("spec", "mirrors"), []))
    assert "connectors-declared" in ids(report(*documents(a=empty)))
    without = sound((("spec", "mirrors"), REMOVED))
    assert "connectors-declared" in ids(report(*documents(a=without)))


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "mirror.yaml").write_text(yaml.safe_dump(SOUND))
    twice = [Path("k8s"), tmp_path / "k8s" / "mirror.yaml", Path("k8s/../k8s/mirror.yaml")]
    assert [one.origin for one in read_paths(twice)] == ["k8s/mirror.yaml"]


PROJECT = """\
name: mirrors
runtime: python
config:
  source: {type: object, default: {alias: east, cluster: east, namespace: kafka, listener: tls, user: m}}
  mirrors:target: {value: {alias: west, cluster: west, namespace: kafka, listener: tls}}
"""


def test_sections_of_the_projects_file_count(tmp_path: Path) -> None:
    """`pulumi up` deploys such a stack. The pack and `compare_with` could not read it, or took it for none,
    so that a circle with it was overlooked.
    """
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "stacks").mkdir()
    path = tmp_path / "stacks" / "Pulumi.prod.yaml"
    path.write_text("config:\n  mirrors:mirror: {name: east-to-west, topics: [orders]}\n")
    found = read_file(path)
    assert {one.origin for one in found} == {"prod"}
    assert [one.name for one in found if one.kind == "KafkaMirrorMaker2"] == ["kafka/east-to-west"]
    path.write_text("config:\n  mirrors:mirror: {name: east-to-west, topics: 1}\n")
    with pytest.raises(PolicyError, match=r"mirror\.topics"):
        read_file(path)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT.replace("name: mirrors", "name: another"))
    assert read_file(path) == [], "the sections are of another project"


def test_a_projects_file_is_no_stack(tmp_path: Path) -> None:
    """A folder with both was refused: `target.value` is no setting."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    stack = "config:\n  mirrors:mirror: {name: east-to-west, topics: [orders]}\n"
    (tmp_path / "Pulumi.prod.yaml").write_text(stack)
    assert {one.origin for one in read_paths([tmp_path])} == {"prod"}


def test_texts_that_only_python_reads_otherwise_are_no_error(tmp_path: Path) -> None:
    """The CRDs of the Prometheus Operator have `- =`; a date that there is not is a text to Kubernetes."""
    crd = "kind: CustomResourceDefinition\nspec: {enum: ['!=', =, =~], about: 2026-02-30}\n"
    (tmp_path / "crd.yaml").write_text(f"{crd}---\n{yaml.safe_dump(SOUND)}")
    assert [one.kind for one in read_paths([tmp_path])] == ["CustomResourceDefinition", "KafkaMirrorMaker2"]

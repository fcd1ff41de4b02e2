"""A rendering replaces an earlier one, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.rendered import HEADER
from mirror.problems import CouldNotRun
from mirror.rendering.folder import read, write

SECRET = f"{HEADER}\nkind: Secret\nstringData:\n  password: PLACEHOLDER-password\n"
ENCRYPTED = f"{HEADER}\nkind: Secret\nstringData:\n  password: ENC[AES256_GCM,data:x]\nsops:\n  version: 3\n"


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    files = {"a.yaml": f"{HEADER}\na: 1\n", "b/c.yaml": f"{HEADER}\nb: 1\n"}
    assert write(tmp_path / "new", "prod", files).written == ("a.yaml", "b/c.yaml")
    assert write(tmp_path / "new", "prod", files).written == ()
    assert read(tmp_path / "new") == files


def test_an_earlier_file_is_deleted_and_a_persons_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(f"{HEADER}\n")
    (tmp_path / "own.yaml").write_text("patches: []\n")
    done = write(tmp_path, "prod", {"a.yaml": f"{HEADER}\n"})
    assert done.deleted == ("old.yaml",)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.yaml", "own.yaml"]


def test_an_encrypted_secret_and_the_rules_are_kept(tmp_path: Path) -> None:
    (tmp_path / "secret-x.yaml").write_text(ENCRYPTED)
    (tmp_path / ".sops.yaml").write_text("creation_rules: [{age: age1}]\n")
    done = write(tmp_path, "prod", {"secret-x.yaml": SECRET, ".sops.yaml": "creation_rules: []\n"})
    assert (done.kept, done.notes) == (("secret-x.yaml", ".sops.yaml"), ())
    assert (tmp_path / "secret-x.yaml").read_text() == ENCRYPTED


def test_an_encrypted_secret_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-x.yaml").write_text(ENCRYPTED)
    done = write(tmp_path, "prod", {"secret-x.yaml": SECRET + "  user.key: PLACEHOLDER-user.key\n"})
    assert done.notes == ("secret-x.yaml is encrypted and was kept, but lacks user.key",)


def test_rules_and_encrypted_secrets_are_never_deleted(tmp_path: Path) -> None:
    """A person's rules, also where nothing was rendered for sops; and a value that is nowhere else."""
    (tmp_path / ".sops.yaml").write_text("creation_rules: [{age: age1}]\n")
    (tmp_path / "secret-x.yaml").write_text(ENCRYPTED)
    done = write(tmp_path, "prod", {"a.yaml": f"{HEADER}\n"})
    assert (done.deleted, done.kept) == ((), ("secret-x.yaml",))
    assert done.notes == ("secret-x.yaml is encrypted and was kept, though no object needs it",)
    assert (tmp_path / ".sops.yaml").exists()


FILLED = f"{HEADER}\nkind: Secret\nstringData:\n  password: hunter2\n  ca.crt: PLACEHOLDER-ca.crt\n"


def test_a_secret_that_was_filled_in_is_kept(tmp_path: Path) -> None:
    """The value may be nowhere else."""
    (tmp_path / "secret-x.yaml").write_text(FILLED)
    done = write(tmp_path, "prod", {"secret-x.yaml": SECRET})
    assert (tmp_path / "secret-x.yaml").read_text() == FILLED
    assert (done.written, done.kept) == ((), ("secret-x.yaml",))
    assert done.notes == ("secret-x.yaml is filled in and was kept: do not commit it like this",)
    done = write(tmp_path, "prod", {"secret-x.yaml": SECRET + "  user.key: PLACEHOLDER-user.key\n"})
    assert done.notes == ("secret-x.yaml is filled in and was kept, but lacks user.key",)
    done = write(tmp_path, "prod", {"a.yaml": f"{HEADER}\n"})
    assert (done.deleted, done.kept) == ((), ("secret-x.yaml",))
    assert (tmp_path / "secret-x.yaml").read_text() == FILLED


def test_a_secret_that_is_being_edited_is_kept(tmp_path: Path) -> None:
    broken = f"{HEADER}\nkind: Secret\nstringData:\n  password: 'hunter\n"
    (tmp_path / "secret-x.yaml").write_text(broken)
    write(tmp_path, "prod", {"secret-x.yaml": SECRET})
    assert (tmp_path / "secret-x.yaml").read_text() == broken


def test_placeholders_and_certificates_are_rendered_again(tmp_path: Path) -> None:
    """A CA that was renewed replaces the former one; nothing of it was written by a person."""
    ca = f"{HEADER}\nkind: Secret\ndata:\n  ca.crt: {{}}\n"
    write(tmp_path, "prod", {"secret-x.yaml": SECRET, "secret-ca.yaml": ca.format("b25l")})
    more = SECRET + "  user.key: PLACEHOLDER-user.key\n"
    done = write(tmp_path, "prod", {"secret-x.yaml": more, "secret-ca.yaml": ca.format("dHdv")})
    assert done.written == ("secret-x.yaml", "secret-ca.yaml")
    assert write(tmp_path, "prod", {"a.yaml": HEADER}).deleted == ("secret-ca.yaml", "secret-x.yaml")


def test_one_of_several_mirrors_leaves_the_others(tmp_path: Path) -> None:
    both = dict.fromkeys(("one/a.yaml", "one/b.yaml", "other/a.yaml"), f"{HEADER}\n")
    write(tmp_path, "prod", both)
    assert write(tmp_path, "prod", {"one/a.yaml": f"{HEADER}\n"}, within="one/").deleted == ("one/b.yaml",)
    assert read(tmp_path, "other/") == {"other/a.yaml": f"{HEADER}\n"}


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CouldNotRun, match="check --directory"):
        write(tmp_path / "file", "prod", {"a.yaml": "a"})


def test_the_files_of_another_stack_are_left_alone(tmp_path: Path) -> None:
    """Two stacks often have mirrors of one name: the second would replace the first one's manifests."""
    write(tmp_path, "prod", {"kafkamirrormaker2-m.yaml": f"{HEADER}\nspec: 1\n", "b.yaml": f"{HEADER}\n"})
    before = {one.name: one.read_text() for one in tmp_path.iterdir()}
    with pytest.raises(
        CouldNotRun, match=r"b\.yaml, kafkamirrormaker2-m\.yaml were rendered for stack prod"
    ) as told:
        write(tmp_path, "staging", {"kafkamirrormaker2-m.yaml": f"{HEADER}\nspec: 2\n"})
    assert "one for each stack" in str(told.value)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == before
    assert before["b.yaml"] == f"{HEADER} Stack: prod\n"


def test_a_persons_file_with_the_name_of_an_object_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [mine.yaml]\n")
    with pytest.raises(CouldNotRun, match=r"kustomization\.yaml was not rendered, and would be overwritten"):
        write(tmp_path, "prod", {"kustomization.yaml": f"{HEADER}\n"})
    assert (tmp_path / "kustomization.yaml").read_text() == "resources: [mine.yaml]\n"


def test_a_comparison_does_not_see_for_which_stack_a_folder_was_rendered(tmp_path: Path) -> None:
    write(tmp_path, "prod", {"a.yaml": f"{HEADER}\na: 1\n"})
    assert read(tmp_path) == {"a.yaml": f"{HEADER}\na: 1\n"}

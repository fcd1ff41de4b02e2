"""The administrator's login: from a file or the environment, and in no message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mirror.clients.access import HOST_NAMES, ClusterAccess, ScramCredential
from mirror.clients.admin_config import VARIABLE, AdminLogin, parsed, read_login
from mirror.problems import CouldNotRun


def test_lines_of_names_and_values() -> None:
    text = "# the admin\n\nsasl.username = admin\nsasl.password=a=b\nssl.ca.pem=one\\ntwo\n"
    assert parsed(text, "x") == {
        "sasl.username": "admin",
        "sasl.password": "a=b",
        "ssl.ca.pem": "one\ntwo",
    }


def test_a_file_comes_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "admin.properties"
    file.write_text("sasl.username=file")
    given = read_login(file, {VARIABLE: "sasl.username=environment"})
    assert given is not None
    assert given.origin == str(file)
    other = read_login(None, {VARIABLE: "sasl.username=environment"})
    assert other is not None
    assert other.origin == VARIABLE
    assert read_login(None, {}) is None


def test_no_value_is_in_a_message(tmp_path: Path) -> None:
    file = tmp_path / "admin.properties"
    file.write_text("sasl.username=admin\nhunter2")
    with pytest.raises(CouldNotRun) as caught:
        read_login(file, {})
    assert "line 2 is not name=value" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="check --source-admin-config"):
        read_login(tmp_path / "missing", {})


def test_as_an_access_it_has_the_address_of_the_source_and_shows_no_secret() -> None:
    source = ClusterAccess("east:9094", "CA", ScramCredential("mm2", "not this"), "east")
    login = AdminLogin({"sasl.username": "admin", "sasl.password": "hidden"}, "admin.properties")
    found = login.access(source)
    config = found.client_config()
    assert (config["bootstrap.servers"], config["sasl.username"]) == ("east:9094", "admin")
    assert "not this" not in config.values()
    assert found.describe() == "east at east:9094 as its administrator"
    assert "hidden" not in repr(found)
    assert HOST_NAMES not in config
    waived = login.access(replace(source, host_names=False))
    assert waived.client_config()[HOST_NAMES] == "none", "as the mirror compares them"

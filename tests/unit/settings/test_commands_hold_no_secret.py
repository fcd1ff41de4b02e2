"""A secret among the arguments of a cutover's commands is refused, and not repeated."""

from __future__ import annotations

import pytest

from settings.problems import SettingsError
from tests.unit.settings.sample import settings


@pytest.mark.parametrize(
    "command",
    [
        ["curl", "-H", "Authorization: Bearer hunter2hunter2", "https://gateway/switch"],
        ["curl", "-H", "X-Api-Key: hunter2", "https://gateway/switch"],
        ["curl", "-u", "me", "https://me:hunter2@gateway/switch"],
        ["./dns", "--token=hunter2"],
        ["./dns", "--password", "hunter2"],
        ["env", "AWS_SECRET_ACCESS_KEY=hunter2", "./dns"],
    ],
)
def test_a_secret_argument_is_refused_and_not_repeated(command: list[str]) -> None:
    for changes in (
        {"cutover__switch_command": command},
        {"cutover__fence": "manual", "cutover__fence_command": command},
        {"cutover__fence_command": command},
    ):
        with pytest.raises(SettingsError) as error:
            settings(**changes)
        assert any("looks like a secret" in one.rule for one in error.value.problems)
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "command",
    [
        ["./dns", "--token-file", "/run/secrets/dns"],
        ["./dns", "--password-file=/run/secrets/dns"],
        ["docker", "login", "--password-stdin", "registry"],
        ["./dns", "--token=${TOKEN}"],
        ["kubectl", "--context", "prod", "-n", "secret-stores", "delete", "secret", "kafka-active"],
        ["aws", "secretsmanager", "get-secret-value", "--secret-id", "prod/kafka"],
        ["./switch.sh", "west", "dry=run", "https://gateway/token:reset?now=1"],
    ],
)
def test_a_command_that_names_where_a_secret_is_is_taken(command: list[str]) -> None:
    assert settings(cutover__switch_command=command).cutover.switch_command == tuple(command)

"""A placeholder that a person has replaced is shown by no difference: it may become a comment."""

from __future__ import annotations

import base64
import io
import json

import pytest
from rich.console import Console

from manifests.rendered import HEADER
from mirror.rendering.difference import compare, markdown, render
from mirror.rendering.hidden import HIDDEN, without_values

NAME = "secret-east-user.yaml"
PLACED = f"""{HEADER}
# Replace the placeholders, then encrypt: sops --encrypt --in-place {NAME}
apiVersion: v1
kind: Secret
metadata:
  name: east-user
stringData:
  password: PLACEHOLDER-password
"""
PLAIN = base64.b64encode(b"s3cret").decode()
PEM = "-----BEGIN CERTIFICATE-----\\nMII\\n-----END CERTIFICATE-----"


def text_of(before: str, after: str = PLACED) -> str:
    found = compare("prod", "rendered", {NAME: before}, {NAME: after})
    page = io.StringIO()
    render(found, Console(file=page, width=200))
    return "\n".join([markdown(found), json.dumps(found.to_json()), page.getvalue()])


@pytest.mark.parametrize(
    "filled",
    [
        PLACED.replace("PLACEHOLDER-password", "s3cret"),
        PLACED.replace("PLACEHOLDER-password", "s3cret # until Friday"),
        PLACED.replace("PLACEHOLDER-password", "2026-02-30 # s3cret"),  # a date to YAML, and none
        PLACED.replace("PLACEHOLDER-password", "PLACEHOLDER-password # s3cret"),
        PLACED.replace("  password", "  # password: s3cret\n  password"),
        PLACED.replace("stringData", "data").replace("PLACEHOLDER-password", PLAIN),
        PLACED.replace("PLACEHOLDER-password", "|\n    -----BEGIN PRIVATE KEY-----\n    s3cret"),
        PLACED.replace("  password: PLACEHOLDER-password", "- s3cret"),
        f"{HEADER}\n: s3cret: [",
        f"{HEADER}\ns3cret",
    ],
)
def test_no_form_of_a_difference_shows_a_value(filled: str) -> None:
    for shown in (text_of(filled), text_of(PLACED, filled)):
        assert "s3cret" not in shown
        assert PLAIN not in shown


def test_a_value_that_was_filled_in_differs_all_the_same() -> None:
    shown = text_of(PLACED.replace("PLACEHOLDER-password", "s3cret"))
    assert f"-  password: {HIDDEN}" in shown
    assert "+  password: PLACEHOLDER-password" in shown


def test_placeholders_certificates_and_what_is_encrypted_are_shown() -> None:
    assert without_values(PLACED) == PLACED
    public = PLACED.replace("PLACEHOLDER-password", f'"{PEM}"').replace("password", "ca.crt")
    assert "BEGIN CERTIFICATE" in without_values(public)
    encrypted = PLACED.replace("PLACEHOLDER-password", "ENC[AES256_GCM,data:abc]")
    assert "ENC[AES256_GCM" in without_values(encrypted)


def test_files_of_other_kinds_are_shown_as_they_are() -> None:
    found = compare("prod", "rendered", {"role-a.yaml": "x: 1\n"}, {"role-a.yaml": "x: 2\n"})
    assert "-x: 1\n+x: 2" in found.files[0].diff

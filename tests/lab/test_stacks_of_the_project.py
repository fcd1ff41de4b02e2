"""`region-mirror stacks` on the lab: the deployed mirror is verified, without drift, without finding."""

from __future__ import annotations

import json
import sys

from tests.lab.support.command import run
from tests.lab.support.stack import Stack


def test_the_deployed_mirror_is_one_sound_row(proven: Stack) -> None:
    argv = [sys.executable, "-m", "mirror", "stacks", "--json", "--seconds", "120"]
    ran = run(argv, cwd=proven.project, env=proven.environment)
    stacks = {one["stack"]: one for one in json.loads(ran.stdout)["stacks"]}
    (mirror,) = stacks["lab"]["mirrors"]
    assert (mirror["verdict"], mirror["drift"], mirror["unread"]) == ("ok", [], [])
    assert mirror["verified"] > "2026"
    assert ran.code == 0

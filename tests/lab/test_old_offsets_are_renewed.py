"""What a promotion sets anew: every offset that MM2 has set on the target, at what it is."""

from __future__ import annotations

import time
from contextlib import ExitStack

from mirror.clients.group_offsets import Commits
from mirror.clients.records import Unread
from mirror.offsets.renewal import OLD_SECONDS, aged, renew
from mirror.verify.reading import parts
from mirror.verify.reading.look import Look, Session
from tests.lab.support.stack import Stack


def test_brokers_take_them_from_the_mirrors_user(proven: Stack) -> None:
    [settings] = proven.settings()
    with ExitStack() as stack:
        session = Session(settings, proven.project, stack)
        look = Look(session, (parts.translated,))
        checkpoints = session.bookkeeping(look.topics)[0].read()
        target, resource = look.sides.target, look.resource
        groups = sorted({key.group for key in checkpoints})

        def there() -> dict[str, Commits | Unread]:
            return target.group_commits(groups)

        in_two_days = time.time() + 2 * OLD_SECONDS
        old = aged(checkpoints, there(), in_two_days)
        assert len(old) > 20, "24 partitions of orders alone"
        found = renew(target, lambda: session.deployed.mirror_user(resource), checkpoints, in_two_days)
        assert (found.offsets, found.refused) == (len(old), {})
        now = there()
        for one in old:
            commits = now[one.row.group]
            assert not isinstance(commits, Unread)
            assert commits[one.row.target].offset >= one.row.offset, "MM2 goes on raising it"

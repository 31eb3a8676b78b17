"""Detect that nobody reads a command's output any more, as after `manage.py watch_rules contoso | head`."""

from __future__ import annotations

import os
import select
import sys
from typing import Final

# The status that shells show for a program that ended because of the signal SIGPIPE.
READER_GONE: Final = 141


def is_reader_gone() -> bool:
    """Return whether the reader of the standard output has ended. If so, discard further output, so that Python reports
    no second error.
    """
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    if not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True

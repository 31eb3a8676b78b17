"""Detect that nobody reads a command's output any more, as after `manage.py watch_rules contoso | head`."""

from __future__ import annotations

import os
import select
import sys
from typing import Final

# The exit status of a command if nobody reads its output. Shells show the same status for a program that the signal
# SIGPIPE ended.
READER_GONE: Final = 141


def is_reader_gone() -> bool:
    """Return whether the program that read the standard output has ended. If so, discard further output, because Python
    would report a broken pipe when it exits.
    """
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    if not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True

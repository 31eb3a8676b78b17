"""The text of a head. Mails and webhooks contain this text, and time stamps cover it. An example:

surety-journal-head v1
chain tenant:0198c0de-...
sequence 117
hash 3f...
at 2026-11-25T12:00:00Z
"""

from __future__ import annotations

import hashlib

from portal.audit.messages import utc
from portal.audit.models import Anchor
from tenants import journal


def text(anchor: Anchor) -> str:
    """Return the head of the anchor as lines of ASCII, each ended by a line feed."""
    return (
        "surety-journal-head v1\n"
        f"chain {journal.chain_of(anchor.owner)}\n"
        f"sequence {anchor.sequence}\n"
        f"hash {anchor.hash}\n"
        f"at {utc(anchor.made_at)}\n"
    )


def digest(anchor: Anchor) -> bytes:
    """Return the SHA-256 of the head's text. The head's time stamp covers this hash."""
    return hashlib.sha256(text(anchor).encode()).digest()

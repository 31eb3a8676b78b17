"""Compare the journal head that a report states with the stored journal.

The head is the last entry of a journal at the time at which the report was built. A customer's report states the head
of the customer's journal, a portfolio report the head of the organization's journal. If somebody changes or deletes
entries afterwards, the journal no longer contains this head, even if that person also replaces the hashes of all later
entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.reports.edition import EditionTooLarge, read_edition
from portal.reports.signed_build import SignedBuild
from tenants import journal

_LISTED: Final = (
    "Journal entries with the action “journal.redacted” list the redacted entries, and name the erasure"
    " that redacted them."
)


@dataclass(frozen=True, slots=True)
class HeadComparison:
    """The result of `compare_head`.

    - `entries`: number of journal entries whose hashes were computed again
    - `redacted`: number of redacted entries among them, 0 if there are problems
    - `problems`: sentences; if there are none, the journal still contains the stated head
    """

    head: journal.Head
    entries: int
    problems: tuple[str, ...] = ()
    redacted: int = 0

    @property
    def is_same(self) -> bool:
        """Whether the stored journal contains the stated head, and nobody changed the compared entries except by
        redacting them.
        """
        return not self.problems

    @property
    def sentence(self) -> str:
        """The result as a sentence."""
        if self.problems:
            return " ".join(self.problems)
        number = self.head.sequence
        contained = f"The stored journal contains entry {number} with the hash that the report states."
        if self.entries <= 1:
            same = (
                f"An erasure later removed or replaced text of this entry. {_LISTED}"
                if self.redacted
                else "The entry is unchanged."
            )
        elif self.redacted:
            same = (
                f"{number - self.redacted} of {number} entries are unchanged. Erasures later removed or replaced text"
                f" of {self.redacted} entries. {_LISTED}"
            )
        else:
            same = f"All {number} entries are unchanged."
        return f"{contained} {same}"


def stated_head(report: SignedBuild, content: bytes) -> journal.Head | None:
    """Return the head of the journal that a report states. Return None if the report states no head or is too large to
    be read.

    `content` is the report's file. The caller has checked that its SHA-256 is the recorded one.
    """
    stored = report.page_content
    if stored is None:
        try:
            stored = read_edition(content).results
        except EditionTooLarge:
            return None
    integrity = stored.get("integrity") or {}
    sequence, sha256 = integrity.get("journal_sequence"), integrity.get("journal_hash")
    return journal.Head(sequence, sha256) if isinstance(sequence, int) and sha256 else None


def compare_head(owner: journal.Owner, head: journal.Head, *, whole: bool) -> HeadComparison:
    """Compare a stated head with the stored journal of a tenant or organization, inside its scope.

    If `whole` is set, the hashes of all entries up to the head are computed again, which takes seconds for a long
    journal. Otherwise, only the hash of the head is computed again.
    """
    start = journal.START
    if not whole and head.sequence > 1:
        before = journal.all_entries(owner).filter(sequence=head.sequence - 1)
        hashes = list(before.values_list("hash", flat=True))
        if hashes:
            start = journal.Head(head.sequence - 1, hashes[0])
    entries, last = 0, start
    problems: list[str] = []
    for found, wrong in journal.follow(owner, start, through=head.sequence):
        entries, last = entries + 1, found
        problems += [one.message for one in wrong]
    if last.sequence != head.sequence:
        problems.append(
            f"The report states entry {head.sequence} as the last entry of the journal, but this entry is missing in"
            " the journal."
        )
    elif last.hash != head.hash:
        problems.append(
            f"The journal was changed: entry {head.sequence} does not have the hash that the report states."
        )
    redacted = 0 if problems else journal.count_redacted(owner, start.sequence, head.sequence)
    return HeadComparison(head, entries, tuple(problems), redacted)

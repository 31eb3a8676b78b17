"""Read the evidence that the page of a finding shows. The number and the size of its documents are limited.

A verdict on a subscription can be based on all of its resources. These can be hundreds of thousands of documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Case, JSONField, TextField, Value, When
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual

from assessments import selectors
from assessments.models import EvidenceItem, Finding

MAX_DOCUMENTS: Final = 50
"""The maximum number of documents on the page of a finding."""
MAX_CHARACTERS: Final = 200_000
"""The maximum length of a document on the page, in characters of JSON. If a document is longer, the page shows only
its origin and hash.
"""


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """The first documents of the evidence. `more` is the number of further documents.

    Each document has the attribute `shown`: its content, or None if the content is too long.
    """

    documents: Sequence[EvidenceItem]
    more: int


def shown_evidence(finding: Finding) -> ShownEvidence:
    """Return the evidence of a finding, without documents that the retention policy has deleted."""
    # Ask only for the first documents. A finding can have hundreds of thousands of documents, and a query with all
    # their hashes would take seconds.
    rows = selectors.evidence_of(finding, first=MAX_DOCUMENTS)
    is_short = LessThanOrEqual(Length(Cast("content", TextField())), MAX_CHARACTERS)
    shown = Case(When(is_short, then="content"), default=Value(None, JSONField()), output_field=JSONField())
    documents = list(rows.defer("content").annotate(shown=shown))
    return ShownEvidence(documents, max(0, len(finding.evidence) - MAX_DOCUMENTS))

"""Declare the kinds of data that have a retention period.

Functions of the database (`portal/retention/migrations`) decide which rows are old, and which old rows are kept for one
of `REASONS`. All other old rows are deleted. The functions also contain the minimum and default period of each kind. A
test compares these periods with the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_DAYS: Final = 36_500
DELAY_DAYS: Final = 7
"""The number of days until a shorter period, or the end of a legal hold, takes effect. In this time, people can notice
a mistake or an attack.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of data.

    - `label`: the name of the kind; `content`: which data belongs to it, in words
    - `age`: the moment from which the days are counted, in words that follow “Days since”
    - `default`, `minimum`: the default and the shortest period, in days; `because`: the reason for the default
    - `protected`: what is never deleted, in words that follow “Never deleted:”
    - `of_organization`: only the organization sets the period, for all its customers
    - `batch`: the maximum number of rows that one transaction deletes; it can be exceeded to delete a whole chain of
      versions
    """

    key: str
    label: str
    content: str
    age: str
    default: int
    minimum: int
    because: str
    protected: str
    of_organization: bool = False
    batch: int = 2000


_ALL: Final = (
    Kind(
        key="evidence",
        label="Evidence",
        content="documents from Azure on which verdicts rest, the lists of what an assessment read, and imported scans",
        age="the last assessment that used a document, or the last scan of an import",
        default=400,
        minimum=90,
        because="a yearly audit looks back twelve months, and takes some weeks",
        protected="evidence of present verdicts, of the last assessment of each subscription and directory, of kept"
        " reports, and of assessments on which an exception was approved",
        batch=5000,
    ),
    Kind(
        key="versions",
        label="Resource versions",
        content="earlier configurations of resources, the operations that changed resources, and recorded changes with"
        " their reviews",
        age="the configuration changed or the operation happened",
        default=400,
        minimum=90,
        because="as long as the evidence with which they are compared",
        protected="the current version of each resource, changes that still need a review or work, and versions at"
        " which an open finding started to fail or an exception was approved",
    ),
    Kind(
        key="changes",
        label="Changes of findings",
        content="entries in the timelines of findings about changed verdicts and values",
        age="the change",
        default=1100,
        minimum=180,
        because="certificates are renewed every three years",
        protected="changes that decide the verdict of a finding at any later time, changes of findings with an"
        " exception in force, and changes of assessments with a kept report",
        batch=10_000,
    ),
    Kind(
        key="assessments",
        label="Assessments",
        content="ended assessments with coverage, gaps and progress of their subscriptions and directories",
        age="the end of the assessment",
        default=1100,
        minimum=180,
        because="certificates are renewed every three years",
        protected="the last finished assessment of each subscription and directory, assessments with a kept report or"
        " an approved exception, and assessments with changes or versions that are kept",
        batch=200,
    ),
    Kind(
        key="reports",
        label="Reports",
        content="signed reports, and builds that failed or were cancelled. The recorded hash remains, so that copies"
        " can be verified",
        age="the report was requested",
        default=2557,
        minimum=365,
        because="business records are commonly kept for seven years",
        protected="the latest report of each kind and framework, with names and without",
        batch=100,
    ),
    Kind(
        key="notices",
        label="Notices",
        content="notifications of people, read or not, in the portal",
        age="the notice",
        default=180,
        minimum=30,
        because="people rarely look back further; the journal records the events themselves",
        protected="notices that wait to be mailed",
        of_organization=True,
    ),
    Kind(
        key="sessions",
        label="Ended sessions",
        content="address and browser of sessions that expired",
        age="the end of the session",
        default=30,
        minimum=1,
        because="enough to investigate a stolen session; the journal records sign-ins permanently",
        protected="sessions in use",
        of_organization=True,
    ),
)

KINDS: Final[Mapping[str, Kind]] = {kind.key: kind for kind in _ALL}
CUSTOMER_KINDS: Final = tuple(kind for kind in _ALL if not kind.of_organization)
ORGANIZATION_KINDS: Final = tuple(kind for kind in _ALL if kind.of_organization)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why old rows are kept.

    `page` is the URL name of the page to which this reason is linked. `query` is the query string of the link.
    """

    label: str
    page: str
    query: str = ""


REASONS: Final[Mapping[str, Reason]] = {
    "open_finding": Reason("Used by an open finding", "findings", "?state=open"),
    "exception": Reason("Used by an approved exception", "exceptions"),
    "report": Reason("Cited by a kept report", "reports"),
    "current": Reason("Current now, or was current within the retention period", "assessments"),
    "period": Reason("Used by an assessment within the period", "assessments"),
    "details": Reason("Needed by kept changes of findings or by kept resource versions", "assessments"),
}

"""The progress of campaigns: how many findings were open at the start, and how many are open now. For a campaign that
has ended, the second number is the number at its end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.selectors.campaigns import count_open_by_control, count_unknown_by_control
from tenants.models import Person, Tenant


@dataclass(slots=True)
class CustomerProgress:
    """The progress of one customer: now or, for a campaign that has ended, at its end.

    - `open`: the number of open findings
    - `unknown`: the number of findings that failed before, but have an unknown verdict now; they may still fail
    - `done`: `open_at_start` minus `open` and `unknown`. So new failures reduce `done`, and findings that are no longer
      judged or whose resource is gone count as done
    """

    tenant: Tenant
    open_at_start: int
    open: int
    unknown: int = 0

    @property
    def done(self) -> int:
        return max(0, self.open_at_start - self.open - self.unknown)


@dataclass(slots=True)
class CampaignProgress:
    """A campaign with its customers. Customers with more open findings come first.

    `archived` are the customers that were archived before the end of the campaign. Their findings are not counted,
    because Surety no longer reads these customers. `to_notify` is the number of customers whose owners have not yet
    been notified of the start. `is_of_end` states whether the numbers were stored at the end of the campaign. If not,
    the numbers are today's: the campaign is still running, or an earlier version of Surety ended it without storing
    numbers.
    """

    campaign: Campaign
    owner: Person
    due_on: date
    customers: list[CustomerProgress] = field(default_factory=list)
    archived: list[Tenant] = field(default_factory=list)
    to_notify: int = 0
    is_of_end: bool = False

    @property
    def participants(self) -> int:
        """The number of the campaign's customers, including archived ones."""
        return len(self.customers) + len(self.archived)

    @property
    def open_at_start(self) -> int:
        return sum(customer.open_at_start for customer in self.customers)

    @property
    def open(self) -> int:
        return sum(customer.open for customer in self.customers)

    @property
    def unknown(self) -> int:
        return sum(customer.unknown for customer in self.customers)

    @property
    def done(self) -> int:
        return sum(customer.done for customer in self.customers)

    @property
    def customers_done(self) -> int:
        """The number of customers that have neither open findings nor findings whose verdict is now unknown."""
        return sum(not customer.open and not customer.unknown for customer in self.customers)


def progress_of(campaigns: Iterable[Campaign], now: datetime) -> list[CampaignProgress]:
    """Return the progress of these campaigns, in the given order, with three queries."""
    found: dict[UUID, CampaignProgress] = {}
    rows = CampaignCustomer.objects.filter(campaign__in=[one.pk for one in campaigns])
    by_campaign: dict[UUID, list[CampaignCustomer]] = defaultdict(list)
    for row in rows.select_related("tenant", "owner").order_by("tenant__name"):
        by_campaign[row.campaign_id].append(row)
    everything = [row for mine in by_campaign.values() for row in mine if row.open_at_end is None]
    open_now = _open_by_control(everything, now)
    unknown = count_unknown_by_control(
        {row.control for row in everything}, {row.tenant_id for row in everything}
    )
    for campaign in campaigns:
        mine = by_campaign[campaign.pk]
        if not mine:
            continue  # Leave the campaign out, because all its customers were deleted.
        customers = [
            CustomerProgress(
                row.tenant,
                row.open_at_start,
                open_now[row.control][row.tenant_id] if row.open_at_end is None else row.open_at_end,
                unknown[row.control][row.tenant_id] if row.unknown_at_end is None else row.unknown_at_end,
            )
            for row in mine
            if _counts(row)
        ]
        customers.sort(key=lambda customer: -customer.open)
        archived = [row.tenant for row in mine if not _counts(row)]
        found[campaign.pk] = CampaignProgress(
            campaign,
            mine[0].owner,
            mine[0].due_on,
            customers,
            archived,
            to_notify=sum(row.notices_due for row in mine),
            is_of_end=any(row.open_at_end is not None for row in mine),
        )
    return list(found.values())


def _counts(row: CampaignCustomer) -> bool:
    return row.open_at_end is not None or not row.tenant.is_archived


def _open_by_control(rows: Sequence[CampaignCustomer], now: datetime) -> dict[str, Counter[UUID]]:
    return count_open_by_control({row.control for row in rows}, {row.tenant_id for row in rows}, now)

"""What new reports of an organization's customers suggest."""

from __future__ import annotations

from django.db import transaction

from tenants import journal
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Organization, Paper


@transaction.atomic
def set_report_paper(*, organization: Organization, by: Actor, paper: str) -> Organization:
    """Set the paper that new reports of the organization's customers suggest, one of `Paper`."""
    if paper not in Paper:
        raise invalid("paper", f"There is no paper {paper!r}. Use one of: {', '.join(Paper)}.")
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before, row.report_paper = row.report_paper, paper
    if before != paper:
        row.save(update_fields=["report_paper"])
        journal.record(
            organization=row,
            actor=by,
            action="organization.report_paper_changed",
            target=row,
            details={"from": before, "to": paper},
        )
    return row

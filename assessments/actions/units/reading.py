"""Prepare the reading of a unit: its estate before anything is read from Azure, and its credential."""

from __future__ import annotations

from django.utils import timezone

from assessments import selectors
from assessments.actions.credentials.delegated_reads import DIRECTORY_NOT_READ
from assessments.actions.scans.documents import add_imported_scans
from assessments.estate.estate import Estate, UnitKind
from assessments.models import Unit
from tenants.azure import credentials
from tenants.azure.credentials import Credential
from tenants.errors import SuretyError
from tenants.models import Subscription


def unread_estate(unit: Unit) -> Estate:
    """Return the estate of a unit with only the imported scan results. Collecting adds all other documents.

    Call this in a transaction with the tenant's scope (`tenants.scope`).
    """
    subscriptions = [unit.azure_id]
    if unit.kind == Unit.Kind.DIRECTORY:
        rows = Subscription.objects.filter(Subscription.assessed(), directory=unit.directory_id)
        subscriptions = list(rows.order_by("subscription_id").values_list("subscription_id", flat=True))
    estate = Estate(
        kind=UnitKind(unit.kind),
        unit_id=unit.azure_id,
        subscriptions=subscriptions,
        now=timezone.now(),
        excluded=selectors.excluded_subscriptions(unit),
        assessed=selectors.read_together(unit),
        foreign=selectors.foreign_subscriptions(unit),
        cloud=unit.directory.cloud_name,
    )
    add_imported_scans(estate, unit.tenant_id)
    return estate


def credential_of(unit: Unit) -> Credential | SuretyError | None:
    """Return the credential that reads a unit, or an error that says why there is none.

    Call this in a transaction with the tenant's scope (`tenants.scope`). For a delegated subscription, return None: the
    transaction cannot see the organization's credential, so use `delegated_credential` instead.
    """
    if not unit.is_delegated:
        return credentials.usable_credential(unit.service_principal)
    if unit.kind == Unit.Kind.DIRECTORY:
        return SuretyError(DIRECTORY_NOT_READ, code="directory_not_delegated")
    return None

"""Change the name, labels and policy of a customer, unless the customer has changed since the program read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from portal.api.bodies import names_of_fields
from portal.api.people import person
from portal.api.preconditions import require_match
from portal.treatment.actions.policy import change_policy
from tenants.actions.organizations import lock_settings
from tenants.models import Tenant

_COLUMNS = {"time_zone": "timezone"}
_FIELDS = {column: field for field, column in _COLUMNS.items()}


class ChangeCustomerSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=200, required=False)
    time_zone = serializers.CharField(
        max_length=64, required=False, help_text="The IANA name of the time zone, such as Europe/Berlin"
    )
    labels = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=50,
        required=False,
        help_text="All labels that the customer should have, in their order",
    )


def change_tenant_as_read(
    request: Request, tenant: Tenant, etag: Callable[[Tenant], str], values: Mapping[str, Any]
) -> Tenant:
    """Change the customer and return its row. Raise PreconditionFailed unless If-Match names the entity tag that `etag`
    computes from the row.
    """
    (row,) = lock_settings([tenant])
    # The locked row is a new object, so give it the organization that is already loaded.
    row.organization = tenant.organization
    require_match(request, etag(row))
    wanted = {_COLUMNS.get(name, name): value for name, value in values.items()}
    with names_of_fields(_FIELDS):
        changed = change_policy(
            tenant=row,
            by=person(request),
            expected={name: getattr(row, name) for name in wanted},
            **wanted,
        )
    changed.organization = tenant.organization
    return changed

"""The people with access to a customer."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from portal.api.listing import Listing
from portal.api.v1.shared import PersonSerializer
from tenants import selectors
from tenants.models import Membership
from tenants.roles import Capability, Role


class MemberSerializer(serializers.Serializer[Any]):
    """A role that a person has for the customer now."""

    id = serializers.UUIDField()
    person = PersonSerializer()
    is_active = serializers.BooleanField(
        source="person.is_active", help_text="Whether the account can sign in"
    )
    last_seen_at = serializers.DateTimeField(source="person.last_seen_at", allow_null=True)
    role = serializers.ChoiceField(Role.values)
    confirmation = serializers.ChoiceField(
        Membership.Confirmation.values,
        help_text="The state of the confirmation by a second administrator; `not_needed` if the role needs none",
    )
    in_organization = serializers.SerializerMethodField(
        help_text="Whether the role applies to all customers of the organization"
    )
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    review_first = serializers.DateField(
        allow_null=True,
        help_text="The first day of an auditor’s review period; null if the person may read all records",
    )
    review_last = serializers.DateField(
        allow_null=True, help_text="The last day of an auditor’s review period. The period includes this day"
    )

    def get_in_organization(self, row: Membership) -> bool:
        return row.tenant_id is None


MEMBERS: Final = Listing[Membership](
    plural="members",
    singular="member",
    needs=Capability.MEMBERS,
    serializer=MemberSerializer,
    rows=selectors.members,
    description="The list contains each role that gives a person access to the customer now, including roles in the"
    " whole organization.",
)

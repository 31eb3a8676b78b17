"""The import of a mute list of Prowler as requests for exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.people import person
from portal.mute_lists.actions import (
    MAX_FILE_NAME,
    MAX_REASON,
    MAX_REQUESTS,
    preview_mute_list,
    request_muted,
)
from portal.mute_lists.file import MAX_BYTES
from portal.mute_lists.plan import MuteListPlan, Planned
from portal.treatment.models import FindingException
from tenants import access
from tenants.errors import invalid
from tenants.roles import Capability

SAMPLE: Final = 20


class ImportMuteListSerializer(serializers.Serializer[Any]):
    """A mute list, and the terms of the exceptions. Without `digest`, nothing is requested."""

    content = serializers.CharField(
        max_length=MAX_BYTES, trim_whitespace=False, help_text="The YAML of Prowler's mutelist.yaml"
    )
    file_name = serializers.CharField(max_length=MAX_FILE_NAME, default="mutelist.yaml")
    digest = serializers.CharField(
        max_length=64, required=False, help_text="The digest of the preview that was checked"
    )
    entries = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=MAX_REQUESTS,
        help_text="The numbers of the entries to request exceptions for; needed with a digest",
    )
    reason = serializers.CharField(
        max_length=MAX_REASON,
        default="",
        allow_blank=True,
        help_text="For entries whose description has fewer than three words",
    )
    ends_at = serializers.DateTimeField(required=False, help_text="Needed with a digest")


class MuteListEntrySerializer(serializers.Serializer[Any]):
    """An entry of a mute list: a check of an account, and the failing findings that it matches."""

    number = serializers.IntegerField(help_text="Counts from 1, in the order of the file")
    line = serializers.IntegerField()
    account = serializers.CharField()
    check_name = serializers.CharField(help_text="The check of Prowler, or an expression for several checks")
    description = serializers.CharField(allow_blank=True)
    controls = serializers.ListField(
        child=serializers.SlugField(), help_text="Controls that correspond to the check of Prowler"
    )
    matching = serializers.IntegerField(help_text="How many findings would get an exception")
    sample = serializers.ListField(
        child=serializers.UUIDField(), help_text=f"The ids of at most {SAMPLE} of these findings"
    )
    under_way = serializers.IntegerField(
        help_text="The number of other findings that match, but have an exception or a requested exception"
    )
    why = serializers.CharField(
        allow_blank=True, help_text="Why no finding matches; empty if a finding matches"
    )
    others = serializers.CharField(
        allow_blank=True,
        help_text="Why other failing findings of the controls do not match, with their numbers",
    )


class RequestedSerializer(serializers.Serializer[Any]):
    """A requested exception."""

    number = serializers.IntegerField()
    id = serializers.UUIDField()


class MuteListSerializer(serializers.Serializer[Any]):
    """The findings that a mute list matches, and the exceptions that were requested."""

    digest = serializers.CharField(help_text="Changes when the entries match other findings")
    entries = MuteListEntrySerializer(many=True)
    exceptions = RequestedSerializer(many=True, help_text="Empty for a preview")


class MuteListView(APIView):
    """The import of a mute list of Prowler."""

    @extend_schema(
        operation_id="import_mute_list",
        summary="Preview or import a mute list of Prowler",
        description="Compares each entry with the failing findings. With the `digest` of a preview, requests an"
        " exception for each chosen entry with findings. Someone else must approve them. If the entries match other"
        " findings by now, the answer is 409 with the code `changed_meanwhile`, and nothing is requested.",
        request=ImportMuteListSerializer,
        responses=MuteListSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        values = checked(ImportMuteListSerializer, request)
        content = values["content"].encode("utf-8", "surrogatepass")
        plan = preview_mute_list(tenant=tenant, content=content)
        found: list[FindingException] = []
        if "digest" in values:
            for name in ("entries", "ends_at"):
                if name not in values:
                    raise invalid(name, "Give this field together with a digest.")
            found = request_muted(
                tenant=tenant,
                by=person(request),
                content=content,
                file_name=values["file_name"],
                chosen=values["entries"],
                ends_at=values["ends_at"],
                reason=values["reason"],
                expected=values["digest"],
            )
        return Response(MuteListSerializer(_shown(plan, found)).data)


def _shown(plan: MuteListPlan, found: Sequence[FindingException]) -> dict[str, Any]:
    return {
        "digest": plan.digest,
        "entries": [_entry(one) for one in plan.entries],
        "exceptions": [{"number": row.number, "id": row.pk} for row in found],
    }


def _entry(one: Planned) -> dict[str, Any]:
    entry = one.entry
    return {
        "number": entry.number,
        "line": entry.line,
        "account": entry.account,
        "check_name": entry.check,
        "description": entry.description,
        "controls": one.controls,
        "matching": len(one.findings),
        "sample": one.findings[:SAMPLE],
        "under_way": one.under_way,
        "why": one.why,
        "others": one.others,
    }

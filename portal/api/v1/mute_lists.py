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
    """A mute list, and the terms of the exceptions. Without `digest`, the request is only a preview."""

    content = serializers.CharField(
        max_length=MAX_BYTES, trim_whitespace=False, help_text="The YAML of Prowler's mutelist.yaml"
    )
    file_name = serializers.CharField(max_length=MAX_FILE_NAME, default="mutelist.yaml")
    digest = serializers.CharField(
        max_length=64,
        required=False,
        help_text="The field `digest` of the preview that you checked. Without it, the request is a preview",
    )
    entries = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=MAX_REQUESTS,
        help_text="The numbers of the entries for which exceptions are requested. Required if `digest` is sent",
    )
    reason = serializers.CharField(
        max_length=MAX_REASON,
        default="",
        allow_blank=True,
        help_text="If the description of an entry has fewer than three words, this text is the reason of its exception",
    )
    ends_at = serializers.DateTimeField(
        required=False, help_text="The end of the exceptions. Required if `digest` is sent"
    )


class MuteListEntrySerializer(serializers.Serializer[Any]):
    """An entry of a mute list, and the failing findings that the entry matches."""

    number = serializers.IntegerField(
        help_text="The position of the entry in the file; the first entry has the number 1"
    )
    line = serializers.IntegerField()
    account = serializers.CharField()
    check_name = serializers.CharField(
        help_text="The name of a check of Prowler, or an expression that matches several checks"
    )
    description = serializers.CharField(allow_blank=True)
    controls = serializers.ListField(
        child=serializers.SlugField(), help_text="Controls that correspond to the check of Prowler"
    )
    matching = serializers.IntegerField(help_text="The number of findings that would get an exception")
    sample = serializers.ListField(
        child=serializers.UUIDField(),
        help_text=f"The ids of at most {SAMPLE} findings that would get an exception",
    )
    under_way = serializers.IntegerField(
        help_text="The number of matching findings that already have an exception or a requested exception"
    )
    why = serializers.CharField(
        allow_blank=True, help_text="Why no finding matches; empty if a finding matches"
    )
    others = serializers.CharField(
        allow_blank=True,
        help_text="Reasons why other failing findings of the controls do not match, and the number of findings for"
        " each reason",
    )


class RequestedSerializer(serializers.Serializer[Any]):
    """A requested exception."""

    number = serializers.IntegerField()
    id = serializers.UUIDField()


class MuteListSerializer(serializers.Serializer[Any]):
    """The entries of a mute list with the findings that they match, and the exceptions that were requested."""

    digest = serializers.CharField(
        help_text="A hash of the findings that the entries match. If the entries match"
        " other findings, the hash changes"
    )
    entries = MuteListEntrySerializer(many=True)
    exceptions = RequestedSerializer(many=True, help_text="Empty for a preview")


class MuteListView(APIView):
    """The import of a mute list of Prowler."""

    @extend_schema(
        operation_id="import_mute_list",
        summary="Preview or import a mute list of Prowler",
        description="Surety compares each entry with the failing findings. Without `digest`, the request is only a"
        " preview. With the `digest` of a preview, Surety requests an exception for each chosen entry that"
        " matches findings. Another person must approve the exceptions. If the entries now match other findings"
        " than in the preview, the answer is 409 with the code `changed_meanwhile`, and Surety requests no"
        " exceptions.",
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

"""The events of the token's customers in order, with the content that webhooks get."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.pages import LIMIT, limit_of, only
from portal.links import absolute
from portal.notify.feed import LATEST, read_feed
from portal.notify.models import PublishedEvent
from tenants import access
from tenants.roles import Capability


class EventCustomerSerializer(serializers.Serializer[Any]):
    """The customer of an event."""

    id = serializers.UUIDField()
    short_name = serializers.SlugField(
        help_text="The short name of the customer, as in the addresses of pages"
    )
    name = serializers.CharField()


class EventSerializer(serializers.Serializer[Any]):
    """An event, with the content that webhooks get."""

    id = serializers.UUIDField(help_text="The id of the event, which webhooks send as webhook-id")
    # The contract lists no values of this field, because existing clients must accept the events of later versions.
    type = serializers.CharField(help_text="What happened, for example `assessment_ended`")
    timestamp = serializers.DateTimeField(help_text="When the event happened")
    customer = EventCustomerSerializer()
    title = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField(help_text="The page to open")
    by = serializers.CharField(help_text="Who caused the event; empty if Surety itself did", allow_blank=True)
    data = serializers.DictField(  # type: ignore[assignment]  # the property `data` of serializers remains
        help_text="Further facts, which depend on the type of the event"
    )


class EventsView(APIView):
    """The event feed."""

    @extend_schema(
        operation_id="list_events",
        summary="Read events in order",
        description="Events of all customers for which the token has the right `view_all`, in the order in"
        " which they became visible. Store `cursor` after processing the items, and send it as"
        " `after` the next time, so that no event is lost or repeated. If `more` is true, read on at"
        " once. Otherwise, wait, for example for a minute. Events can be read for 30 days. A cursor can"
        " be used for 31 days.",
        parameters=[
            OpenApiParameter(
                "after",
                str,
                description="The `cursor` of the previous answer. Without this parameter, the list begins with"
                f" the oldest events. With `{LATEST}`, the list is empty, and the next answers contain only"
                " later events.",
            ),
            LIMIT,
        ],
        responses=inline_serializer(
            "EventFeed",
            {
                "items": EventSerializer(many=True),
                "cursor": serializers.CharField(),
                "more": serializers.BooleanField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        only(request, ("after", "limit"), paged=False)
        limit = limit_of(request)
        tenants = access.tenants(needs=Capability.VIEW_ALL, archived=None).order_by()
        page = read_feed(
            tenant_ids=list(tenants.values_list("pk", flat=True)),
            after=request.query_params.get("after"),
            limit=limit,
        )
        items = [_event(one) for one in page.events]
        return Response({"items": items, "cursor": page.cursor, "more": page.more})


def _event(event: PublishedEvent) -> dict[str, Any]:
    payload: dict[str, Any] = event.payload or {}
    customer = payload["tenant"]
    fields = {
        "id": event.pk,
        "type": event.kind,
        "timestamp": event.created_at,
        "customer": {"id": customer["id"], "short_name": customer["slug"], "name": customer["name"]},
        "title": payload["title"],
        "lines": payload["lines"],
        "url": absolute(payload["path"]),
        "by": payload["by"],
        "data": payload["data"],
    }
    found: dict[str, Any] = EventSerializer().to_representation(fields)
    return found

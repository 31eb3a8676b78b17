"""Mails that could not be delivered to people, and messages that could not be delivered to channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.listing import Listing
from portal.api.pages import Key
from portal.api.people import person
from portal.api.v1.shared import PersonSerializer
from portal.notify import selectors
from portal.notify.actions.deliveries import drop_mail, drop_post, retry_mail, retry_post
from portal.notify.models import Notice, Post
from tenants import access
from tenants.roles import Capability


class FailedPostSerializer(serializers.Serializer[Any]):
    """A message that could not be delivered to a channel."""

    id = serializers.UUIDField()
    channel = serializers.UUIDField(source="channel_id")
    event = serializers.CharField(source="kind")
    title = serializers.CharField(source="payload.title", default="", allow_blank=True)
    created_at = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(help_text="The HTTP status of the last answer; 0 without an answer")
    error = serializers.CharField(allow_blank=True)


class FailedMailSerializer(serializers.Serializer[Any]):
    """A mail that could not be delivered to a person."""

    id = serializers.UUIDField()
    person = PersonSerializer()
    event = serializers.CharField(source="kind")
    title = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)


FAILED_POSTS: Final = Listing[Post](
    plural="failed-posts",
    singular="failed-post",
    needs=Capability.ADMINISTER,
    serializer=FailedPostSerializer,
    rows=selectors.dead_posts,
    key=Key(descending=True),
    description="Messages that could not be delivered to channels, newest first.",
)
FAILED_MAILS: Final = Listing[Notice](
    plural="failed-mails",
    singular="failed-mail",
    needs=Capability.ADMINISTER,
    serializer=FailedMailSerializer,
    rows=selectors.failed_mails,
    key=Key(descending=True),
    description="Mails that could not be delivered, newest first.",
)


class RetryPostView(APIView):
    """Send a failed message to a channel again."""

    @extend_schema(
        operation_id="retry_failed_post",
        summary="Send a failed message to a channel again",
        description="Surety counts the attempts from zero again. The delivery keeps its id.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        retry_post(post=FAILED_POSTS.find(tenant, pk), by=person(request))
        return Response(status=204)


class DiscardPostView(APIView):
    """Discard a failed message to a channel. Surety does not send it again."""

    @extend_schema(
        operation_id="discard_failed_post",
        summary="Discard a failed message to a channel",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        drop_post(post=FAILED_POSTS.find(tenant, pk), by=person(request))
        return Response(status=204)


class RetryMailView(APIView):
    """Send a failed mail again."""

    @extend_schema(
        operation_id="retry_failed_mail",
        summary="Send a failed mail again",
        description="Surety counts the attempts from zero again.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        retry_mail(notice=FAILED_MAILS.find(tenant, pk), by=person(request))
        return Response(status=204)


class DiscardMailView(APIView):
    """Discard a failed mail. Surety does not send it again."""

    @extend_schema(
        operation_id="discard_failed_mail",
        summary="Discard a failed mail",
        description="The person still sees the notice in Surety.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        drop_mail(notice=FAILED_MAILS.find(tenant, pk), by=person(request))
        return Response(status=204)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "failed-posts/<uuid:pk>/retry": RetryPostView,
    "failed-posts/<uuid:pk>/discard": DiscardPostView,
    "failed-mails/<uuid:pk>/retry": RetryMailView,
    "failed-mails/<uuid:pk>/discard": DiscardMailView,
}
"""The views of further operations on failed deliveries. Each key is the part of the URL below the customer."""

"""Channels of a customer: Teams, Slack and webhook addresses that get events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked, names_of_fields
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView, ObjectView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered
from portal.notify.actions.channels import (
    MAX_OVERLAP,
    add_channel,
    change_channel,
    delete_channel,
    rotate_secret,
    send_test,
    switch_channel,
)
from portal.notify.addresses import MAX_CHARACTERS
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.notify.selectors import address_digest
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

CHANNEL_KINDS: Final = Channel.Kind.values


class ChannelSerializer(serializers.Serializer[Any]):
    """A channel, without its address and its signing secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(CHANNEL_KINDS)
    host = serializers.CharField(
        help_text="The host of the address; empty if the channel has no address", allow_blank=True
    )
    events = serializers.ListField(source="kinds", child=serializers.ChoiceField(list(KINDS)))
    is_enabled = serializers.BooleanField(source="enabled")
    disabled_because = serializers.CharField(help_text="Why Surety turned the channel off", allow_blank=True)
    created_at = serializers.DateTimeField()


class AddedChannelSerializer(ChannelSerializer):
    """A channel that this request has added, and its signing secret if the channel is a webhook."""

    secret = serializers.CharField(
        allow_null=True,
        help_text="The signing secret of a new webhook; null for other channels and in the answer to a repeated"
        " request",
    )


class AddChannelSerializer(serializers.Serializer[Any]):
    """A new channel."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(CHANNEL_KINDS)
    address = serializers.CharField(
        write_only=True, max_length=MAX_CHARACTERS, help_text="The https address to which events are posted"
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(list(KINDS)), min_length=1, max_length=len(KINDS)
    )


class ChangeChannelSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=120, required=False)
    address = serializers.CharField(write_only=True, max_length=MAX_CHARACTERS, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(list(KINDS)), min_length=1, max_length=len(KINDS), required=False
    )


class SecretSerializer(serializers.Serializer[Any]):
    """A signing secret, which is not shown again."""

    secret = serializers.CharField()


class RotateSerializer(serializers.Serializer[Any]):
    """How long posts are also signed with the previous secret, after the secret was replaced."""

    overlap_hours = serializers.IntegerField(
        default=0, min_value=0, max_value=MAX_OVERLAP // timedelta(hours=1)
    )


CHANNELS: Final = Listing[Channel](
    plural="channels",
    singular="channel",
    needs=Capability.ADMINISTER,
    serializer=ChannelSerializer,
    rows=lambda tenant: Channel.objects.filter(tenant=tenant),
    # A channel is shown with only the host of its address. So the entity tag also covers a digest of the whole address:
    # it changes even if the new address has the same host.
    seen=lambda row: address_digest(row.address),
)
_FIELDS: Final = {"kinds": "events"}


class ChannelsView(ListView, listing=CHANNELS):
    """Channels of a customer."""

    @extend_schema(
        operation_id="add_channel",
        summary="Add a channel",
        description="The answer has the signing secret of a new webhook. The secret cannot be read again.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddChannelSerializer,
        responses={201: AddedChannelSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(AddChannelSerializer, request)
        secrets: list[str] = []

        def action() -> Channel:
            with names_of_fields(_FIELDS):
                channel, secret = add_channel(
                    tenant=tenant, by=person(request), kinds=values.pop("events"), **values
                )
            secrets.append(secret)
            return channel

        response = create(request, tenant, CHANNELS, "add_channel", action, status=201)
        response.data = {**response.data, "secret": next(iter(secrets), "") or None}
        return response


class ChannelView(ObjectView, listing=CHANNELS):
    """One channel of a customer."""

    @extend_schema(
        operation_id="change_channel",
        summary="Change the name, the address or the events of a channel",
        parameters=[IF_MATCH],
        request=ChangeChannelSerializer,
        responses=ChannelSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(ChangeChannelSerializer, request)

        def action(row: Channel) -> None:
            with names_of_fields(_FIELDS):
                change_channel(
                    channel=row,
                    by=person(request),
                    name=values.get("name", row.name),
                    kinds=values.get("events", row.kinds),
                    address=values.get("address", ""),
                )

        return change(request, tenant, CHANNELS, pk, action, lock=_lock(tenant, pk))


class EnableView(APIView):
    """Enable a channel. New events are posted to it."""

    @extend_schema(
        operation_id="enable_channel",
        summary="Turn a channel on",
        parameters=[IF_MATCH],
        request=None,
        responses=ChannelSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _switch(request, customer, pk, enabled=True)


class DisableView(APIView):
    """Disable a channel. No events are posted to a disabled channel."""

    @extend_schema(
        operation_id="disable_channel",
        summary="Turn a channel off",
        description="Posts that wait to be sent to the channel count as failed.",
        parameters=[IF_MATCH],
        request=None,
        responses=ChannelSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _switch(request, customer, pk, enabled=False)


class TestView(APIView):
    """A test of a channel."""

    @extend_schema(
        operation_id="test_channel",
        summary="Post a test event to a channel",
        description="A worker posts the event. At most three tests of a channel can wait at the same time.",
        request=None,
        responses={202: ChannelSerializer},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        row = CHANNELS.find(tenant, pk)
        send_test(channel=row, by=person(request))
        response = CHANNELS.answer(tenant, row, status=202)
        response.headers["Location"] = reverse("api-channel", args=[tenant.slug, row.pk])
        return response


class RotateSecretView(APIView):
    """The replacement of the signing secret of a webhook."""

    @extend_schema(
        operation_id="rotate_channel_secret",
        summary="Replace the signing secret of a webhook",
        parameters=[IF_MATCH],
        request=RotateSerializer,
        responses=SecretSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        overlap = timedelta(hours=checked(RotateSerializer, request)["overlap_hours"])
        secret = change_unanswered(
            request,
            tenant,
            CHANNELS,
            pk,
            lambda row: rotate_secret(channel=row, by=person(request), overlap=overlap),
            lock=_lock(tenant, pk),
        )
        etag = CHANNELS.etag(tenant, CHANNELS.find(tenant, pk))
        return Response(SecretSerializer({"secret": secret}).data, headers={"ETag": etag})


class DeleteView(APIView):
    """The deletion of a channel."""

    @extend_schema(
        operation_id="delete_channel",
        summary="Delete a channel and its posts",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        change_unanswered(
            request,
            tenant,
            CHANNELS,
            pk,
            lambda row: delete_channel(channel=row, by=person(request)),
            lock=_lock(tenant, pk),
        )
        return Response(status=204)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "enable": EnableView,
    "disable": DisableView,
    "test": TestView,
    "rotate-secret": RotateSecretView,
    "delete": DeleteView,
}
"""The views that change or test a channel. Each key is the last part of the URL."""


def _switch(request: Request, customer: str, pk: UUID, *, enabled: bool) -> Response:
    tenant = access.tenant(customer, needs=Capability.ADMINISTER)
    return change(
        request,
        tenant,
        CHANNELS,
        pk,
        lambda row: switch_channel(channel=row, by=person(request), enabled=enabled),
        lock=_lock(tenant, pk),
    )


def _lock(tenant: Tenant, pk: UUID) -> Callable[[], object]:
    """Return a function that locks the channel until the transaction ends."""
    rows = Channel.objects.filter(tenant=tenant, pk=pk).select_for_update(no_key=True, of=("self",))
    return lambda: list(rows.values_list("pk"))

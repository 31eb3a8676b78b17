"""Find the actors and directory objects that stored events (`ActivityEvent`) identify only by id."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import F, Max, Q

from assessments.display.names import GUID, Kind
from assessments.estate.ids import fold
from assessments.estate.logs.activity import ActorKind
from assessments.models import ActivityEvent
from tenants.models import Directory, Subscription

MAX_ACTORS: Final = 1000
"""The maximum number of actors, and of directory objects, whose names are read for each directory. Graph returns this
many names in one request.
"""
_KINDS: Final = {
    "users": Kind.USER,
    "groups": Kind.GROUP,
    "servicePrincipals": Kind.APPLICATION,
    "applications": Kind.APPLICATION,
    "devices": Kind.DEVICE,
    "directoryRoles": Kind.DIRECTORY_ROLE,
    "objects": Kind.OTHER,
}
_OBJECTS: Final = "/providers/Microsoft.Graph/"


def guid_of_actor(kind: str, actor: str, actor_name: str, object_id: str) -> str:
    """Return the GUID, in lower case, by which Surety finds the actor of an `ActivityEvent` in the directory.

    Return an empty text if the actor is not an application, if the event already contains the actor's name, or if the
    actor has no GUID.
    """
    if kind != ActorKind.APPLICATION or actor_name not in ("", actor):
        return ""
    return object_id or (fold(actor) if GUID.fullmatch(actor) else "")


def actors_to_name(tenant_id: UUID, directory_id: UUID) -> set[str]:
    """Return the GUIDs of actors whose names are missing in the events of a directory and its subscriptions. Call this
    in a transaction with the tenant's scope (`tenants.scope`).

    If there are more than MAX_ACTORS, return the actors with the latest events.
    """
    subscriptions = Subscription.objects.filter(tenant_id=tenant_id, directory_id=directory_id)
    units = [f"/subscriptions/{fold(one)}" for one in subscriptions.values_list("subscription_id", flat=True)]
    directories = Directory.objects.filter(tenant_id=tenant_id, pk=directory_id)
    units += [f"directory:{one}" for one in directories.values_list("directory_id", flat=True)]
    events = ActivityEvent.objects.filter(
        Q(actor_name="") | Q(actor_name=F("actor")),
        tenant_id=tenant_id,
        unit__in=units,
        actor_kind=ActorKind.APPLICATION,
    )
    actors = events.values_list("actor", "object_id").annotate(last=Max("at")).order_by("-last")
    found = {guid_of_actor(ActorKind.APPLICATION, actor, "", guid) for actor, guid, _ in actors[:MAX_ACTORS]}
    return found - {""}


def guid_of_object(resource_id: str) -> str:
    """Return the GUID of the directory object that an event is about, or an empty text for any other resource."""
    _, found, place = resource_id.partition(_OBJECTS)
    guid = place.rpartition("/")[2]
    return fold(guid) if found and resource_id.startswith("/directories/") and GUID.fullmatch(guid) else ""


def objects_to_name(tenant_id: UUID, directory_id: UUID) -> dict[str, Kind]:
    """Return {GUID: kind} of the directory objects that stored events are about. Call this in a transaction with the
    tenant's scope (`tenants.scope`).

    If there are more than MAX_ACTORS, return the objects with the latest events. Policies are left out, because Graph
    does not return their names by id.
    """
    directories = Directory.objects.filter(tenant_id=tenant_id, pk=directory_id)
    units = [f"directory:{one}" for one in directories.values_list("directory_id", flat=True)]
    events = ActivityEvent.objects.filter(
        tenant_id=tenant_id, unit__in=units, resource_id__contains=_OBJECTS
    ).order_by()
    objects = events.values_list("resource_id").annotate(last=Max("at")).order_by("-last")[:MAX_ACTORS]
    found = {guid_of_object(one): one.split("/")[-2] for one, _ in objects}
    return {guid: _KINDS[segment] for guid, segment in found.items() if guid and segment in _KINDS}

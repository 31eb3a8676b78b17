"""Store, resolve, remove and erase the names of people and things that findings and activity logs mention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from assessments.actions.credentials.sign_in import session_for
from assessments.display.collected_names import collected_names
from assessments.display.names import GUID, Kind, Name, Status
from assessments.display.references import referenced
from assessments.estate.collections.directory import CA_POLICIES
from assessments.estate.estate import Estate
from assessments.estate.logs.activity import ActorKind
from assessments.evaluate import Result
from assessments.models import ActivityEvent, EvidenceItem, Finding, ObjectName, Unit
from assessments.presentation.actor_names import actors_to_name, objects_to_name
from tenants import journal
from tenants.actors import Actor, System
from tenants.azure import credentials
from tenants.errors import SuretyError
from tenants.locks import Lock, lock
from tenants.models import Directory, ServicePrincipal, Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)
BATCH = 1000
# The kinds of objects whose names are read from Microsoft Graph. The names of other objects come only from documents
# that controls read.
_RESOLVABLE = (Kind.USER, Kind.GROUP, Kind.APPLICATION, Kind.DEVICE, Kind.DIRECTORY_ROLE, Kind.OTHER)
_WRITTEN = ("kind", "status", "display_name", "principal_name", "permission", "read_at")


def references_of(result: Result) -> dict[str, Kind]:
    """Return {GUID: kind} of the objects that a result mentions, and of the Conditional Access policies in its
    evidence.
    """
    verdict = result.verdict
    cited = {
        piece.document_id.casefold(): Kind.POLICY
        for piece in result.evidence
        if piece.collection == CA_POLICIES.name and not piece.is_list and GUID.fullmatch(piece.document_id)
    }
    return cited | referenced(result.subject, result.observed, (verdict.reason, *verdict.remarks))


def store_collected(*, unit: Unit, estate: Estate, wanted: Mapping[str, Kind], at: datetime) -> None:
    """Store the names that the unit's documents contain for the GUIDs in `wanted`. GUIDs for which the documents
    contain no name get the status WANTED, so that their names are later read from Microsoft Graph.

    The caller holds `Lock.VERDICTS`.
    """
    found = collected_names(estate, wanted.keys())
    names = [found.get(guid) or Name(guid, kind, Status.WANTED) for guid, kind in wanted.items()]
    _store(unit.tenant_id, unit.directory_id, names, at)


def _store(tenant_id: UUID, directory_id: UUID, names: Iterable[Name], at: datetime) -> None:
    """Write the names that differ from the stored names.

    An erased name stays erased, and WANTED never replaces a stored name.
    """
    wanted = {name.guid: name for name in names}
    rows = ObjectName.objects.filter(directory_id=directory_id, guid__in=list(wanted))
    known = {row.guid: row for row in rows}
    new, changed = [], []
    for guid, name in wanted.items():
        row = known.get(guid)
        if row is None:
            row = ObjectName(tenant_id=tenant_id, directory_id=directory_id, guid=guid)
            new.append(row)
        elif row.status == Status.ERASED or name.status is Status.WANTED or row.name == name:
            continue
        else:
            changed.append(row)
        row.kind, row.status, row.read_at = name.kind, name.status, at
        row.display_name, row.principal_name, row.permission = (
            name.display_name,
            name.principal_name,
            name.permission,
        )
    ObjectName.objects.bulk_create(new, batch_size=BATCH)
    ObjectName.objects.bulk_update(changed, _WRITTEN, batch_size=BATCH)


def refresh_names(*, tenant_id: UUID) -> None:
    """Read missing names from Microsoft Graph, and delete names that neither a current finding nor a stored event
    mentions.

    Requests are sent outside of a transaction. Calling this function again is harmless.
    """
    with tenant_scope(tenant_id):
        directories = list(Directory.objects.values_list("pk", flat=True))
    for directory_id in directories:
        _resolve(tenant_id, directory_id)
    with tenant_scope(tenant_id):
        lock(Lock.VERDICTS, tenant_id)
        _delete_unreferenced(tenant_id)


def _resolve(tenant_id: UUID, directory_id: UUID) -> None:
    from assessments.collect.failures import EXPECTED
    from assessments.collect.principals.names import read_names

    with tenant_scope(tenant_id):
        open_rows = ObjectName.objects.filter(directory_id=directory_id, kind__in=_RESOLVABLE).exclude(
            status__in=[Status.KNOWN, Status.ERASED]
        )
        wanted = {guid: Kind(kind) for guid, kind in open_rows.values_list("guid", "kind")}
        acting = objects_to_name(tenant_id, directory_id)
        acting |= dict.fromkeys(actors_to_name(tenant_id, directory_id), Kind.APPLICATION)
        stored = ObjectName.objects.filter(directory_id=directory_id, guid__in=list(acting))
        known = set(stored.values_list("guid", flat=True))
        wanted |= {guid: kind for guid, kind in acting.items() if guid not in known}
        enabled = ServicePrincipal.objects.filter(directory_id=directory_id, disabled_at=None)
        # Prefer a principal whose latest sign-in Entra did not refuse.
        principal = enabled.order_by(F("refused_since").desc(nulls_first=True), "created_at").first()
        if not wanted or principal is None:
            return
        credential = credentials.usable_credential(principal)
        if isinstance(credential, SuretyError):
            log.warning("names not read", directory=str(directory_id), code=credential.code)
            return
    try:
        read = read_names(session_for(credential), wanted)
    except EXPECTED as error:
        log.warning("names not read", directory=str(directory_id), error=type(error).__name__)
        return
    for gap in read.gaps:
        log.warning("names not read", directory=str(directory_id), reason=str(gap.reason), code=gap.code)
    with tenant_scope(tenant_id):
        lock(Lock.VERDICTS, tenant_id)
        _store(tenant_id, directory_id, read.names, timezone.now())


# Matches a GUID in the reason or remarks of a finding, which can be the id of a named object. Do not apply this pattern
# to subjects: every subject contains the GUID of its subscription or directory, so all findings would be selected.
_MENTIONED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _delete_unreferenced(tenant_id: UUID) -> None:
    """Delete the names that neither a current finding nor a stored event uses.

    A finding uses the names of the objects that it mentions, and of the Conditional Access policies in its evidence. An
    event uses the names of its actor and its object. The rows of erased names stay, because they prevent storing the
    names again.
    """
    removable = ObjectName.objects.filter(tenant_id=tenant_id).exclude(status=Status.ERASED)
    stored = set(removable.values_list("guid", flat=True))
    if not stored:
        return
    rows = Finding.objects.filter(tenant_id=tenant_id, gone_at__isnull=True)
    rows = rows.annotate(remark_text=Cast("remarks", TextField())).filter(
        Q(section="identity")
        | Q(reason__iregex=_MENTIONED)
        | Q(remark_text__iregex=_MENTIONED)
        | Q(subject__icontains="/roledefinitions/")
        | Q(subject__icontains="/providers/microsoft.security/assessments/")
    )
    columns = rows.values_list("subject", "observed", "reason", "remarks")
    for subject, observed, reason, remarks in columns.iterator(chunk_size=2000):
        stored -= referenced(subject, observed, (reason, *map(str, remarks))).keys()
        if not stored:
            return
    stored -= _cited_policies(tenant_id)
    for directory_id in Directory.objects.filter(tenant_id=tenant_id).values_list("pk", flat=True):
        stored -= actors_to_name(tenant_id, directory_id)
        stored -= objects_to_name(tenant_id, directory_id).keys()
    removable.filter(guid__in=stored).delete()


def _cited_policies(tenant_id: UUID) -> set[str]:
    """Return the GUIDs of the Conditional Access policies in the evidence of current findings."""
    items = EvidenceItem.objects.filter(tenant_id=tenant_id, collection=CA_POLICIES.name)
    guids = {sha256: guid.casefold() for sha256, guid in items.values_list("sha256", "document_id")}
    if not guids:
        return set()
    current = Finding.objects.filter(tenant_id=tenant_id, gone_at__isnull=True, section="identity")
    rows = current.filter(evidence__overlap=list(guids)).values_list("evidence", flat=True)
    return {guids[sha256] for evidence in rows for sha256 in evidence if sha256 in guids}


@transaction.atomic
def erase_names(
    *, tenant: Tenant, by: Actor, guid: str = "", principal_name: str = "", everything: bool = False
) -> int:
    """Erase the name of one person or thing, or all names of the tenant. Return how many names were erased.

    Exactly one of `guid`, `principal_name` and `everything` is given. The `ObjectName` rows stay without the names, so
    that assessments do not store the names again. Stored events of activity logs cannot be changed, so they still
    contain user names (`has_named_operations`).
    """
    if [bool(guid), bool(principal_name), everything].count(True) != 1:
        raise SuretyError(
            "Choose whose names to erase: those of an object id, those of a principal name, or all names.",
            code="what_to_erase",
        )
    lock(Lock.VERDICTS, tenant.pk)
    rows = ObjectName.objects.filter(tenant=tenant)
    if guid:
        rows = rows.filter(guid=guid.casefold())
    elif principal_name:
        rows = rows.filter(principal_name__iexact=principal_name)
    erased = rows.exclude(status=Status.ERASED).update(
        status=Status.ERASED, display_name="", principal_name="", permission="", read_at=timezone.now()
    )
    # The journal must not contain an erased name, so it records only the number of erased names.
    journal.record(
        tenant=tenant,
        actor=by,
        action="names.erase",
        target=f"names:{tenant.slug}",
        details={"count": erased, "everything": everything},
    )
    return erased


def has_named_operations(*, tenant: Tenant, guid: str = "", principal_name: str = "") -> bool:
    """Return whether a stored event of an activity log names this person or, if no person is given, any person.

    Events contain the user names of people, and Surety cannot change stored events.
    """
    events = ActivityEvent.objects.filter(tenant=tenant, actor_kind=ActorKind.PERSON)
    if guid:
        events = events.filter(object_id=guid.casefold())
    elif principal_name:
        events = events.filter(actor__iexact=principal_name)
    return events.exists()


COMMAND = System("erase_names command")

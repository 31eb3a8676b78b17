"""Read names of directory objects by their ids from Microsoft Graph.

Source: https://learn.microsoft.com/graph/api/directoryobject-getbyids (at most 1,000 ids; the documented permission is
Directory.Read.All). If the permissions do not cover the type of an object, Graph returns only the id and the type of
the object. If Directory.Read.All is missing, each permission in `NAME_PERMISSIONS` suffices for the names of objects of
one type ("Limited information returned for inaccessible member objects" in
https://learn.microsoft.com/graph/permissions-overview). The answer omits ids that no longer exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Final

from assessments.collect.errors import BadAnswer
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, path_of
from assessments.display.collected_names import directory_object
from assessments.display.names import Kind, Name, Status
from assessments.estate.collections.directory import DIRECTORY_OBJECTS, DIRECTORY_ROLE_DEFINITIONS
from assessments.estate.gaps import Gap, Reason

BATCH: Final = 1000
NAME_PERMISSIONS: Final[Mapping[Kind, str]] = {
    Kind.USER: "User.Read.All",
    Kind.GROUP: "GroupMember.Read.All",
    Kind.APPLICATION: "Application.Read.All",
    Kind.DEVICE: "Device.Read.All",
    Kind.DIRECTORY_ROLE: "RoleManagement.Read.Directory",
}
"""The permission that shows the names of each kind. Directory.Read.All shows the names of all kinds."""


@dataclass(slots=True)
class NamesRead:
    """The results of reading names. `names` also has the ids of objects that no longer exist (status GONE), or whose
    names are not readable (status NOT_READABLE). `gaps` are the gaps of requests that failed.
    """

    names: list[Name] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def read_names(session: Session, wanted: Mapping[str, Kind]) -> NamesRead:
    """Read names of directory objects and roles; `wanted` is {GUID in lower case: kind}.

    If a request fails, its names are missing. If Graph forbids it, they have the status NOT_READABLE instead.
    """
    read = NamesRead()
    roles = {guid for guid, kind in wanted.items() if kind is Kind.DIRECTORY_ROLE}
    if roles:
        _read_roles(session, roles, read)
    objects = sorted(guid for guid, kind in wanted.items() if kind not in _NO_OBJECTS)
    for batch in batched(objects, BATCH):
        _read_objects(session, batch, wanted, read)
    return read


# Kinds that getByIds does not return; their names come from other documents.
_NO_OBJECTS: Final = {Kind.DIRECTORY_ROLE, Kind.AZURE_ROLE, Kind.POLICY, Kind.RECOMMENDATION}


def _read_objects(session: Session, ids: Sequence[str], wanted: Mapping[str, Kind], read: NamesRead) -> None:
    found: dict[str, Name] = {}
    try:
        for page in session.post_pages(DIRECTORY_OBJECTS, {"ids": list(ids)}):
            for document in page:
                name = directory_object(document)
                if not name.guid:
                    raise BadAnswer("`value` contains an object without an id")
                found[name.guid] = _limited(name)
    except EXPECTED as error:
        gap = gap_of(error, DIRECTORY_OBJECTS, "", path_of(DIRECTORY_OBJECTS, ""))
        if gap is not None and gap.reason is Reason.FORBIDDEN:
            read.names += (_unreadable(Name(guid, wanted[guid])) for guid in ids)
        elif gap is not None:
            read.gaps.append(gap)
        return
    read.names += (
        _with_kind(found[guid], wanted[guid]) if guid in found else Name(guid, wanted[guid], Status.GONE)
        for guid in ids
    )


def _with_kind(name: Name, expected: Kind) -> Name:
    return replace(name, kind=expected) if name.kind is Kind.OTHER else name


def _limited(name: Name) -> Name:
    """Return the name of an object, or the status NOT_READABLE if Graph returned only its id and type."""
    return name if name.display_name or name.principal_name else _unreadable(name)


def _unreadable(name: Name) -> Name:
    permission = NAME_PERMISSIONS.get(name.kind, DIRECTORY_OBJECTS.permission)
    return Name(name.guid, name.kind, Status.NOT_READABLE, permission=permission)


def _read_roles(session: Session, roles: Iterable[str], read: NamesRead) -> None:
    found: dict[str, Name] = {}
    try:
        for page in session.pages(DIRECTORY_ROLE_DEFINITIONS, ""):
            for document in page:
                name = replace(directory_object(document), kind=Kind.DIRECTORY_ROLE)
                for guid in _ids_of_role(document):
                    found[guid] = replace(name, guid=guid)
    except EXPECTED as error:
        gap = gap_of(error, DIRECTORY_ROLE_DEFINITIONS, "", path_of(DIRECTORY_ROLE_DEFINITIONS, ""))
        if gap is not None and gap.reason is Reason.FORBIDDEN:
            read.names += (_unreadable(Name(guid, Kind.DIRECTORY_ROLE)) for guid in sorted(roles))
        elif gap is not None:
            read.gaps.append(gap)
        return
    read.names += (found.get(guid, Name(guid, Kind.DIRECTORY_ROLE, Status.GONE)) for guid in sorted(roles))


def _ids_of_role(document: Mapping[str, object]) -> Iterator[str]:
    """Yield the ids by which assignments refer to a role: the role's id and the id of the role's template."""
    for key in ("id", "templateId"):
        if isinstance(value := document.get(key), str) and value:
            yield value.casefold()

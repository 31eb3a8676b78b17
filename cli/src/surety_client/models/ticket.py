from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ticket_state_enum import TicketStateEnum
from ..models.ticket_system_kind_enum import TicketSystemKindEnum

T = TypeVar("T", bound="Ticket")


@_attrs_define
class Ticket:
    """A ticket and its state in the ticket system. This state changes no verdict.

    Attributes:
        closed_at (datetime.datetime | None):
        comment_count (int): The number of stored comments
        control (str):
        finding (None | UUID): The id of the finding that the ticket is about; null for a ticket about all findings of a
            control
        id (UUID):
        is_wanted (bool): Whether at least one finding of the ticket fails without an approved exception
        key (str): The key or number of the ticket in the ticket system, such as SHOP-12
        kind (TicketSystemKindEnum):
        opened_at (datetime.datetime | None):
        read_at (datetime.datetime | None):
        read_failed_at (datetime.datetime | None): If the last attempt to read the ticket and its comments failed, the
            time of this attempt; otherwise null
        state (TicketStateEnum):
        status (str): The name of the state in the ticket system
        url (str):
    """

    closed_at: datetime.datetime | None
    comment_count: int
    control: str
    finding: None | UUID
    id: UUID
    is_wanted: bool
    key: str
    kind: TicketSystemKindEnum
    opened_at: datetime.datetime | None
    read_at: datetime.datetime | None
    read_failed_at: datetime.datetime | None
    state: TicketStateEnum
    status: str
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        closed_at: None | str
        if isinstance(self.closed_at, datetime.datetime):
            closed_at = self.closed_at.isoformat()
        else:
            closed_at = self.closed_at

        comment_count = self.comment_count

        control = self.control

        finding: None | str
        if isinstance(self.finding, UUID):
            finding = str(self.finding)
        else:
            finding = self.finding

        id = str(self.id)

        is_wanted = self.is_wanted

        key = self.key

        kind = self.kind.value

        opened_at: None | str
        if isinstance(self.opened_at, datetime.datetime):
            opened_at = self.opened_at.isoformat()
        else:
            opened_at = self.opened_at

        read_at: None | str
        if isinstance(self.read_at, datetime.datetime):
            read_at = self.read_at.isoformat()
        else:
            read_at = self.read_at

        read_failed_at: None | str
        if isinstance(self.read_failed_at, datetime.datetime):
            read_failed_at = self.read_failed_at.isoformat()
        else:
            read_failed_at = self.read_failed_at

        state = self.state.value

        status = self.status

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "closed_at": closed_at,
                "comment_count": comment_count,
                "control": control,
                "finding": finding,
                "id": id,
                "is_wanted": is_wanted,
                "key": key,
                "kind": kind,
                "opened_at": opened_at,
                "read_at": read_at,
                "read_failed_at": read_failed_at,
                "state": state,
                "status": status,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_closed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                closed_at_type_0 = datetime.datetime.fromisoformat(data)

                return closed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        closed_at = _parse_closed_at(d.pop("closed_at"))

        comment_count = d.pop("comment_count")

        control = d.pop("control")

        def _parse_finding(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finding_type_0 = UUID(data)

                return finding_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        finding = _parse_finding(d.pop("finding"))

        id = UUID(d.pop("id"))

        is_wanted = d.pop("is_wanted")

        key = d.pop("key")

        kind = TicketSystemKindEnum(d.pop("kind"))

        def _parse_opened_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                opened_at_type_0 = datetime.datetime.fromisoformat(data)

                return opened_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        opened_at = _parse_opened_at(d.pop("opened_at"))

        def _parse_read_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        read_at = _parse_read_at(d.pop("read_at"))

        def _parse_read_failed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_failed_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_failed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        read_failed_at = _parse_read_failed_at(d.pop("read_failed_at"))

        state = TicketStateEnum(d.pop("state"))

        status = d.pop("status")

        url = d.pop("url")

        ticket = cls(
            closed_at=closed_at,
            comment_count=comment_count,
            control=control,
            finding=finding,
            id=id,
            is_wanted=is_wanted,
            key=key,
            kind=kind,
            opened_at=opened_at,
            read_at=read_at,
            read_failed_at=read_failed_at,
            state=state,
            status=status,
            url=url,
        )

        ticket.additional_properties = d
        return ticket

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

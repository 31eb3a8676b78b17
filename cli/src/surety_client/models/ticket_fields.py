from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ticket_state_enum import TicketStateEnum
from ..models.ticket_system_kind_enum import TicketSystemKindEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="TicketFields")


@_attrs_define
class TicketFields:
    """The fields of Ticket that the parameter `fields` names

    Attributes:
        closed_at (datetime.datetime | None | Unset):
        comment_count (int | Unset): The number of stored comments
        control (str | Unset):
        finding (None | Unset | UUID): The id of the finding that the ticket is about; null for a ticket about all
            findings of a control
        id (UUID | Unset):
        is_wanted (bool | Unset): Whether at least one finding of the ticket fails without an approved exception
        key (str | Unset): The key or number of the ticket in the ticket system, such as SHOP-12
        kind (TicketSystemKindEnum | Unset):
        opened_at (datetime.datetime | None | Unset):
        read_at (datetime.datetime | None | Unset):
        read_failed_at (datetime.datetime | None | Unset): If the last attempt to read the ticket and its comments
            failed, the time of this attempt; otherwise null
        state (TicketStateEnum | Unset):
        status (str | Unset): The name of the state in the ticket system
        url (str | Unset):
    """

    closed_at: datetime.datetime | None | Unset = UNSET
    comment_count: int | Unset = UNSET
    control: str | Unset = UNSET
    finding: None | Unset | UUID = UNSET
    id: UUID | Unset = UNSET
    is_wanted: bool | Unset = UNSET
    key: str | Unset = UNSET
    kind: TicketSystemKindEnum | Unset = UNSET
    opened_at: datetime.datetime | None | Unset = UNSET
    read_at: datetime.datetime | None | Unset = UNSET
    read_failed_at: datetime.datetime | None | Unset = UNSET
    state: TicketStateEnum | Unset = UNSET
    status: str | Unset = UNSET
    url: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        closed_at: None | str | Unset
        if isinstance(self.closed_at, Unset):
            closed_at = UNSET
        elif isinstance(self.closed_at, datetime.datetime):
            closed_at = self.closed_at.isoformat()
        else:
            closed_at = self.closed_at

        comment_count = self.comment_count

        control = self.control

        finding: None | str | Unset
        if isinstance(self.finding, Unset):
            finding = UNSET
        elif isinstance(self.finding, UUID):
            finding = str(self.finding)
        else:
            finding = self.finding

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_wanted = self.is_wanted

        key = self.key

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        opened_at: None | str | Unset
        if isinstance(self.opened_at, Unset):
            opened_at = UNSET
        elif isinstance(self.opened_at, datetime.datetime):
            opened_at = self.opened_at.isoformat()
        else:
            opened_at = self.opened_at

        read_at: None | str | Unset
        if isinstance(self.read_at, Unset):
            read_at = UNSET
        elif isinstance(self.read_at, datetime.datetime):
            read_at = self.read_at.isoformat()
        else:
            read_at = self.read_at

        read_failed_at: None | str | Unset
        if isinstance(self.read_failed_at, Unset):
            read_failed_at = UNSET
        elif isinstance(self.read_failed_at, datetime.datetime):
            read_failed_at = self.read_failed_at.isoformat()
        else:
            read_failed_at = self.read_failed_at

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        status = self.status

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if closed_at is not UNSET:
            field_dict["closed_at"] = closed_at
        if comment_count is not UNSET:
            field_dict["comment_count"] = comment_count
        if control is not UNSET:
            field_dict["control"] = control
        if finding is not UNSET:
            field_dict["finding"] = finding
        if id is not UNSET:
            field_dict["id"] = id
        if is_wanted is not UNSET:
            field_dict["is_wanted"] = is_wanted
        if key is not UNSET:
            field_dict["key"] = key
        if kind is not UNSET:
            field_dict["kind"] = kind
        if opened_at is not UNSET:
            field_dict["opened_at"] = opened_at
        if read_at is not UNSET:
            field_dict["read_at"] = read_at
        if read_failed_at is not UNSET:
            field_dict["read_failed_at"] = read_failed_at
        if state is not UNSET:
            field_dict["state"] = state
        if status is not UNSET:
            field_dict["status"] = status
        if url is not UNSET:
            field_dict["url"] = url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_closed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                closed_at_type_0 = datetime.datetime.fromisoformat(data)

                return closed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        closed_at = _parse_closed_at(d.pop("closed_at", UNSET))

        comment_count = d.pop("comment_count", UNSET)

        control = d.pop("control", UNSET)

        def _parse_finding(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finding_type_0 = UUID(data)

                return finding_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        finding = _parse_finding(d.pop("finding", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_wanted = d.pop("is_wanted", UNSET)

        key = d.pop("key", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: TicketSystemKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = TicketSystemKindEnum(_kind)

        def _parse_opened_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                opened_at_type_0 = datetime.datetime.fromisoformat(data)

                return opened_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        opened_at = _parse_opened_at(d.pop("opened_at", UNSET))

        def _parse_read_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        read_at = _parse_read_at(d.pop("read_at", UNSET))

        def _parse_read_failed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_failed_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_failed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        read_failed_at = _parse_read_failed_at(d.pop("read_failed_at", UNSET))

        _state = d.pop("state", UNSET)
        state: TicketStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = TicketStateEnum(_state)

        status = d.pop("status", UNSET)

        url = d.pop("url", UNSET)

        ticket_fields = cls(
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

        ticket_fields.additional_properties = d
        return ticket_fields

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

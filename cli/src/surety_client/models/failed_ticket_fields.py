from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FailedTicketFields")


@_attrs_define
class FailedTicketFields:
    """The fields of FailedTicket that the parameter `fields` names

    Attributes:
        attempts (int | Unset):
        code (str | Unset):
        control (str | Unset):
        customer (str | Unset):
        error (str | Unset):
        finding (None | Unset | UUID):
        id (UUID | Unset):
        is_wanted (bool | Unset): Whether the ticket should be open
        key (str | Unset): The key or number of the ticket in the ticket system, such as SHOP-12; empty if the ticket
            could not be opened
        project (str | Unset):
        system (UUID | Unset):
        tried_at (datetime.datetime | Unset):
    """

    attempts: int | Unset = UNSET
    code: str | Unset = UNSET
    control: str | Unset = UNSET
    customer: str | Unset = UNSET
    error: str | Unset = UNSET
    finding: None | Unset | UUID = UNSET
    id: UUID | Unset = UNSET
    is_wanted: bool | Unset = UNSET
    key: str | Unset = UNSET
    project: str | Unset = UNSET
    system: UUID | Unset = UNSET
    tried_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        code = self.code

        control = self.control

        customer = self.customer

        error = self.error

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

        project = self.project

        system: str | Unset = UNSET
        if not isinstance(self.system, Unset):
            system = str(self.system)

        tried_at: str | Unset = UNSET
        if not isinstance(self.tried_at, Unset):
            tried_at = self.tried_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if code is not UNSET:
            field_dict["code"] = code
        if control is not UNSET:
            field_dict["control"] = control
        if customer is not UNSET:
            field_dict["customer"] = customer
        if error is not UNSET:
            field_dict["error"] = error
        if finding is not UNSET:
            field_dict["finding"] = finding
        if id is not UNSET:
            field_dict["id"] = id
        if is_wanted is not UNSET:
            field_dict["is_wanted"] = is_wanted
        if key is not UNSET:
            field_dict["key"] = key
        if project is not UNSET:
            field_dict["project"] = project
        if system is not UNSET:
            field_dict["system"] = system
        if tried_at is not UNSET:
            field_dict["tried_at"] = tried_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        attempts = d.pop("attempts", UNSET)

        code = d.pop("code", UNSET)

        control = d.pop("control", UNSET)

        customer = d.pop("customer", UNSET)

        error = d.pop("error", UNSET)

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

        project = d.pop("project", UNSET)

        _system = d.pop("system", UNSET)
        system: UUID | Unset
        if isinstance(_system, Unset):
            system = UNSET
        else:
            system = UUID(_system)

        _tried_at = d.pop("tried_at", UNSET)
        tried_at: datetime.datetime | Unset
        if isinstance(_tried_at, Unset):
            tried_at = UNSET
        else:
            tried_at = datetime.datetime.fromisoformat(_tried_at)

        failed_ticket_fields = cls(
            attempts=attempts,
            code=code,
            control=control,
            customer=customer,
            error=error,
            finding=finding,
            id=id,
            is_wanted=is_wanted,
            key=key,
            project=project,
            system=system,
            tried_at=tried_at,
        )

        failed_ticket_fields.additional_properties = d
        return failed_ticket_fields

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

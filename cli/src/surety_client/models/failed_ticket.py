from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FailedTicket")


@_attrs_define
class FailedTicket:
    """A ticket that could not be opened, closed or reopened.

    Attributes:
        attempts (int):
        code (str):
        control (str):
        customer (str):
        error (str):
        finding (None | UUID):
        id (UUID):
        is_wanted (bool): Whether the ticket should be open
        key (str): The key or number of the ticket in the ticket system, such as SHOP-12; empty if the ticket could not
            be opened
        project (str):
        system (UUID):
        tried_at (datetime.datetime):
    """

    attempts: int
    code: str
    control: str
    customer: str
    error: str
    finding: None | UUID
    id: UUID
    is_wanted: bool
    key: str
    project: str
    system: UUID
    tried_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        code = self.code

        control = self.control

        customer = self.customer

        error = self.error

        finding: None | str
        if isinstance(self.finding, UUID):
            finding = str(self.finding)
        else:
            finding = self.finding

        id = str(self.id)

        is_wanted = self.is_wanted

        key = self.key

        project = self.project

        system = str(self.system)

        tried_at = self.tried_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "code": code,
                "control": control,
                "customer": customer,
                "error": error,
                "finding": finding,
                "id": id,
                "is_wanted": is_wanted,
                "key": key,
                "project": project,
                "system": system,
                "tried_at": tried_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        attempts = d.pop("attempts")

        code = d.pop("code")

        control = d.pop("control")

        customer = d.pop("customer")

        error = d.pop("error")

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

        project = d.pop("project")

        system = UUID(d.pop("system"))

        tried_at = datetime.datetime.fromisoformat(d.pop("tried_at"))

        failed_ticket = cls(
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

        failed_ticket.additional_properties = d
        return failed_ticket

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

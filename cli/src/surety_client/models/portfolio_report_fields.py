from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.report_state_enum import ReportStateEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="PortfolioReportFields")


@_attrs_define
class PortfolioReportFields:
    """The fields of PortfolioReport that the parameter `fields` names

    Attributes:
        as_of (datetime.datetime | None | Unset): The report states the figures as they were at this time
        created_at (datetime.datetime | Unset):
        customers (list[str] | Unset): Short names of the customers that the report covers, except customers whose data
            was erased later
        error (str | Unset): Why the build failed
        id (UUID | Unset):
        label (str | Unset): The label of the customers that the report covers; empty if the customers were not chosen
            by label
        language (str | Unset):
        level (str | Unset): The PAdES level of the signature
        number (int | Unset):
        revoked_at (datetime.datetime | None | Unset):
        revoked_because (str | Unset):
        sha256 (str | Unset):
        size (int | None | Unset): Bytes of the file
        state (ReportStateEnum | Unset):
        superseded_by (int | None | Unset): The number of the report that supersedes this report
    """

    as_of: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    customers: list[str] | Unset = UNSET
    error: str | Unset = UNSET
    id: UUID | Unset = UNSET
    label: str | Unset = UNSET
    language: str | Unset = UNSET
    level: str | Unset = UNSET
    number: int | Unset = UNSET
    revoked_at: datetime.datetime | None | Unset = UNSET
    revoked_because: str | Unset = UNSET
    sha256: str | Unset = UNSET
    size: int | None | Unset = UNSET
    state: ReportStateEnum | Unset = UNSET
    superseded_by: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        as_of: None | str | Unset
        if isinstance(self.as_of, Unset):
            as_of = UNSET
        elif isinstance(self.as_of, datetime.datetime):
            as_of = self.as_of.isoformat()
        else:
            as_of = self.as_of

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        customers: list[str] | Unset = UNSET
        if not isinstance(self.customers, Unset):
            customers = self.customers

        error = self.error

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        label = self.label

        language = self.language

        level = self.level

        number = self.number

        revoked_at: None | str | Unset
        if isinstance(self.revoked_at, Unset):
            revoked_at = UNSET
        elif isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        revoked_because = self.revoked_because

        sha256 = self.sha256

        size: int | None | Unset
        if isinstance(self.size, Unset):
            size = UNSET
        else:
            size = self.size

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        superseded_by: int | None | Unset
        if isinstance(self.superseded_by, Unset):
            superseded_by = UNSET
        else:
            superseded_by = self.superseded_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if as_of is not UNSET:
            field_dict["as_of"] = as_of
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if customers is not UNSET:
            field_dict["customers"] = customers
        if error is not UNSET:
            field_dict["error"] = error
        if id is not UNSET:
            field_dict["id"] = id
        if label is not UNSET:
            field_dict["label"] = label
        if language is not UNSET:
            field_dict["language"] = language
        if level is not UNSET:
            field_dict["level"] = level
        if number is not UNSET:
            field_dict["number"] = number
        if revoked_at is not UNSET:
            field_dict["revoked_at"] = revoked_at
        if revoked_because is not UNSET:
            field_dict["revoked_because"] = revoked_because
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256
        if size is not UNSET:
            field_dict["size"] = size
        if state is not UNSET:
            field_dict["state"] = state
        if superseded_by is not UNSET:
            field_dict["superseded_by"] = superseded_by

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_as_of(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                as_of_type_0 = datetime.datetime.fromisoformat(data)

                return as_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        as_of = _parse_as_of(d.pop("as_of", UNSET))

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        customers = cast(list[str], d.pop("customers", UNSET))

        error = d.pop("error", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        label = d.pop("label", UNSET)

        language = d.pop("language", UNSET)

        level = d.pop("level", UNSET)

        number = d.pop("number", UNSET)

        def _parse_revoked_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at", UNSET))

        revoked_because = d.pop("revoked_because", UNSET)

        sha256 = d.pop("sha256", UNSET)

        def _parse_size(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        size = _parse_size(d.pop("size", UNSET))

        _state = d.pop("state", UNSET)
        state: ReportStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = ReportStateEnum(_state)

        def _parse_superseded_by(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        superseded_by = _parse_superseded_by(d.pop("superseded_by", UNSET))

        portfolio_report_fields = cls(
            as_of=as_of,
            created_at=created_at,
            customers=customers,
            error=error,
            id=id,
            label=label,
            language=language,
            level=level,
            number=number,
            revoked_at=revoked_at,
            revoked_because=revoked_because,
            sha256=sha256,
            size=size,
            state=state,
            superseded_by=superseded_by,
        )

        portfolio_report_fields.additional_properties = d
        return portfolio_report_fields

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

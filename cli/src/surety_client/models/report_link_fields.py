from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ReportLinkFields")


@_attrs_define
class ReportLinkFields:
    """The fields of ReportLink that the parameter `fields` names

    Attributes:
        created_at (datetime.datetime | Unset):
        ends_at (datetime.datetime | Unset): The time when the link stops working, unless the link is revoked earlier
        id (UUID | Unset):
        last_used_at (datetime.datetime | None | Unset):
        last_used_from (str | Unset): A network address
        made_by (None | Person | Unset): The person who created the link; null if Surety created the link for a mail
        recipient (str | Unset):
        report (int | Unset): The number of the report
        revoked_at (datetime.datetime | None | Unset):
        uses (int | Unset): Downloads, at most 100
    """

    created_at: datetime.datetime | Unset = UNSET
    ends_at: datetime.datetime | Unset = UNSET
    id: UUID | Unset = UNSET
    last_used_at: datetime.datetime | None | Unset = UNSET
    last_used_from: str | Unset = UNSET
    made_by: None | Person | Unset = UNSET
    recipient: str | Unset = UNSET
    report: int | Unset = UNSET
    revoked_at: datetime.datetime | None | Unset = UNSET
    uses: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        ends_at: str | Unset = UNSET
        if not isinstance(self.ends_at, Unset):
            ends_at = self.ends_at.isoformat()

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        last_used_at: None | str | Unset
        if isinstance(self.last_used_at, Unset):
            last_used_at = UNSET
        elif isinstance(self.last_used_at, datetime.datetime):
            last_used_at = self.last_used_at.isoformat()
        else:
            last_used_at = self.last_used_at

        last_used_from = self.last_used_from

        made_by: dict[str, Any] | None | Unset
        if isinstance(self.made_by, Unset):
            made_by = UNSET
        elif isinstance(self.made_by, Person):
            made_by = self.made_by.to_dict()
        else:
            made_by = self.made_by

        recipient = self.recipient

        report = self.report

        revoked_at: None | str | Unset
        if isinstance(self.revoked_at, Unset):
            revoked_at = UNSET
        elif isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        uses = self.uses

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if id is not UNSET:
            field_dict["id"] = id
        if last_used_at is not UNSET:
            field_dict["last_used_at"] = last_used_at
        if last_used_from is not UNSET:
            field_dict["last_used_from"] = last_used_from
        if made_by is not UNSET:
            field_dict["made_by"] = made_by
        if recipient is not UNSET:
            field_dict["recipient"] = recipient
        if report is not UNSET:
            field_dict["report"] = report
        if revoked_at is not UNSET:
            field_dict["revoked_at"] = revoked_at
        if uses is not UNSET:
            field_dict["uses"] = uses

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        _ends_at = d.pop("ends_at", UNSET)
        ends_at: datetime.datetime | Unset
        if isinstance(_ends_at, Unset):
            ends_at = UNSET
        else:
            ends_at = datetime.datetime.fromisoformat(_ends_at)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        def _parse_last_used_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_used_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_used_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_used_at = _parse_last_used_at(d.pop("last_used_at", UNSET))

        last_used_from = d.pop("last_used_from", UNSET)

        def _parse_made_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                made_by_type_0 = Person.from_dict(data)

                return made_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        made_by = _parse_made_by(d.pop("made_by", UNSET))

        recipient = d.pop("recipient", UNSET)

        report = d.pop("report", UNSET)

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

        uses = d.pop("uses", UNSET)

        report_link_fields = cls(
            created_at=created_at,
            ends_at=ends_at,
            id=id,
            last_used_at=last_used_at,
            last_used_from=last_used_from,
            made_by=made_by,
            recipient=recipient,
            report=report,
            revoked_at=revoked_at,
            uses=uses,
        )

        report_link_fields.additional_properties = d
        return report_link_fields

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

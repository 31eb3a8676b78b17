from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="Approval")


@_attrs_define
class Approval:
    """The approval of a resource’s configuration.

    Attributes:
        approved_at (datetime.datetime):
        approved_by (Person): A person, by name and email address.
        differs_since (datetime.datetime | None): The time since which the configuration of the resource differs from
            the approved configuration
        reason (str):
    """

    approved_at: datetime.datetime
    approved_by: Person
    differs_since: datetime.datetime | None
    reason: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        approved_at = self.approved_at.isoformat()

        approved_by = self.approved_by.to_dict()

        differs_since: None | str
        if isinstance(self.differs_since, datetime.datetime):
            differs_since = self.differs_since.isoformat()
        else:
            differs_since = self.differs_since

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "approved_at": approved_at,
                "approved_by": approved_by,
                "differs_since": differs_since,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        approved_at = datetime.datetime.fromisoformat(d.pop("approved_at"))

        approved_by = Person.from_dict(d.pop("approved_by"))

        def _parse_differs_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                differs_since_type_0 = datetime.datetime.fromisoformat(data)

                return differs_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        differs_since = _parse_differs_since(d.pop("differs_since"))

        reason = d.pop("reason")

        approval = cls(
            approved_at=approved_at,
            approved_by=approved_by,
            differs_since=differs_since,
            reason=reason,
        )

        approval.additional_properties = d
        return approval

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.bulk_job_result_state_enum import BulkJobResultStateEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="BulkJobResultFields")


@_attrs_define
class BulkJobResultFields:
    """The fields of BulkJobResult that the parameter `fields` names

    Attributes:
        done_at (datetime.datetime | None | Unset):
        finding (UUID | Unset):
        reason (str | Unset): Why the finding was skipped or failed
        reason_code (str | Unset): A stable name of the reason
        state (BulkJobResultStateEnum | Unset):
    """

    done_at: datetime.datetime | None | Unset = UNSET
    finding: UUID | Unset = UNSET
    reason: str | Unset = UNSET
    reason_code: str | Unset = UNSET
    state: BulkJobResultStateEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        done_at: None | str | Unset
        if isinstance(self.done_at, Unset):
            done_at = UNSET
        elif isinstance(self.done_at, datetime.datetime):
            done_at = self.done_at.isoformat()
        else:
            done_at = self.done_at

        finding: str | Unset = UNSET
        if not isinstance(self.finding, Unset):
            finding = str(self.finding)

        reason = self.reason

        reason_code = self.reason_code

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if done_at is not UNSET:
            field_dict["done_at"] = done_at
        if finding is not UNSET:
            field_dict["finding"] = finding
        if reason is not UNSET:
            field_dict["reason"] = reason
        if reason_code is not UNSET:
            field_dict["reason_code"] = reason_code
        if state is not UNSET:
            field_dict["state"] = state

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_done_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                done_at_type_0 = datetime.datetime.fromisoformat(data)

                return done_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        done_at = _parse_done_at(d.pop("done_at", UNSET))

        _finding = d.pop("finding", UNSET)
        finding: UUID | Unset
        if isinstance(_finding, Unset):
            finding = UNSET
        else:
            finding = UUID(_finding)

        reason = d.pop("reason", UNSET)

        reason_code = d.pop("reason_code", UNSET)

        _state = d.pop("state", UNSET)
        state: BulkJobResultStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = BulkJobResultStateEnum(_state)

        bulk_job_result_fields = cls(
            done_at=done_at,
            finding=finding,
            reason=reason,
            reason_code=reason_code,
            state=state,
        )

        bulk_job_result_fields.additional_properties = d
        return bulk_job_result_fields

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

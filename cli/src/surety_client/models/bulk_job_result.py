from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.bulk_job_result_state_enum import BulkJobResultStateEnum

T = TypeVar("T", bound="BulkJobResult")


@_attrs_define
class BulkJobResult:
    """The result of a job for one finding.

    Attributes:
        done_at (datetime.datetime | None):
        finding (UUID):
        reason (str): Why the finding was skipped or failed
        reason_code (str): A stable name of the reason
        state (BulkJobResultStateEnum):
    """

    done_at: datetime.datetime | None
    finding: UUID
    reason: str
    reason_code: str
    state: BulkJobResultStateEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        done_at: None | str
        if isinstance(self.done_at, datetime.datetime):
            done_at = self.done_at.isoformat()
        else:
            done_at = self.done_at

        finding = str(self.finding)

        reason = self.reason

        reason_code = self.reason_code

        state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "done_at": done_at,
                "finding": finding,
                "reason": reason,
                "reason_code": reason_code,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_done_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                done_at_type_0 = datetime.datetime.fromisoformat(data)

                return done_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        done_at = _parse_done_at(d.pop("done_at"))

        finding = UUID(d.pop("finding"))

        reason = d.pop("reason")

        reason_code = d.pop("reason_code")

        state = BulkJobResultStateEnum(d.pop("state"))

        bulk_job_result = cls(
            done_at=done_at,
            finding=finding,
            reason=reason,
            reason_code=reason_code,
            state=state,
        )

        bulk_job_result.additional_properties = d
        return bulk_job_result

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

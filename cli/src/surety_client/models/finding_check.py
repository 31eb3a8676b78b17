from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.check_state_enum import CheckStateEnum
from ..models.verdict_enum import VerdictEnum

T = TypeVar("T", bound="FindingCheck")


@_attrs_define
class FindingCheck:
    """A check of a finding. A check changes no verdict: only the next assessment does.

    Attributes:
        done (int): Number of answered requests to Azure
        ended_at (datetime.datetime | None):
        is_gone (bool): Whether Azure no longer lists the subject
        planned (int): Number of requests to Azure that the check needs, as far as Surety knows
        reason (str):
        requested_at (datetime.datetime):
        state (CheckStateEnum):
        verdict (None | VerdictEnum):
    """

    done: int
    ended_at: datetime.datetime | None
    is_gone: bool
    planned: int
    reason: str
    requested_at: datetime.datetime
    state: CheckStateEnum
    verdict: None | VerdictEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        done = self.done

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        is_gone = self.is_gone

        planned = self.planned

        reason = self.reason

        requested_at = self.requested_at.isoformat()

        state = self.state.value

        verdict: None | str
        if isinstance(self.verdict, VerdictEnum):
            verdict = self.verdict.value
        else:
            verdict = self.verdict

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "done": done,
                "ended_at": ended_at,
                "is_gone": is_gone,
                "planned": planned,
                "reason": reason,
                "requested_at": requested_at,
                "state": state,
                "verdict": verdict,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        done = d.pop("done")

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        is_gone = d.pop("is_gone")

        planned = d.pop("planned")

        reason = d.pop("reason")

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        state = CheckStateEnum(d.pop("state"))

        def _parse_verdict(data: object) -> None | VerdictEnum:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verdict_type_0 = VerdictEnum(data)

                return verdict_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | VerdictEnum, data)

        verdict = _parse_verdict(d.pop("verdict"))

        finding_check = cls(
            done=done,
            ended_at=ended_at,
            is_gone=is_gone,
            planned=planned,
            reason=reason,
            requested_at=requested_at,
            state=state,
            verdict=verdict,
        )

        finding_check.additional_properties = d
        return finding_check

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

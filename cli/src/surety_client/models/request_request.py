from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.request_request_rule import RequestRequestRule


T = TypeVar("T", bound="RequestRequest")


@_attrs_define
class RequestRequest:
    """The exception to request: its reason, its period, and its scope, which is either `findings` or a `rule`.

    Attributes:
        ends_at (datetime.datetime):
        reason (str): At least three words
        compensating_control (str | Unset):  Default: ''.
        findings (list[UUID] | Unset):
        maximum (int | Unset): The maximum number of findings that a rule may cover; by default, the number of findings
            that the rule matches now
        rule (RequestRequestRule | Unset): The conditions of the rule. A finding must meet all conditions. Possible
            conditions are control, section, severity, unit, resource_group, resource_pattern, tag_name and tag_value
        starts_at (datetime.datetime | None | Unset): By default, now
    """

    ends_at: datetime.datetime
    reason: str
    compensating_control: str | Unset = ""
    findings: list[UUID] | Unset = UNSET
    maximum: int | Unset = UNSET
    rule: RequestRequestRule | Unset = UNSET
    starts_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ends_at = self.ends_at.isoformat()

        reason = self.reason

        compensating_control = self.compensating_control

        findings: list[str] | Unset = UNSET
        if not isinstance(self.findings, Unset):
            findings = []
            for findings_item_data in self.findings:
                findings_item = str(findings_item_data)
                findings.append(findings_item)

        maximum = self.maximum

        rule: dict[str, Any] | Unset = UNSET
        if not isinstance(self.rule, Unset):
            rule = self.rule.to_dict()

        starts_at: None | str | Unset
        if isinstance(self.starts_at, Unset):
            starts_at = UNSET
        elif isinstance(self.starts_at, datetime.datetime):
            starts_at = self.starts_at.isoformat()
        else:
            starts_at = self.starts_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ends_at": ends_at,
                "reason": reason,
            }
        )
        if compensating_control is not UNSET:
            field_dict["compensating_control"] = compensating_control
        if findings is not UNSET:
            field_dict["findings"] = findings
        if maximum is not UNSET:
            field_dict["maximum"] = maximum
        if rule is not UNSET:
            field_dict["rule"] = rule
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.request_request_rule import RequestRequestRule

        d = dict(src_dict)
        ends_at = datetime.datetime.fromisoformat(d.pop("ends_at"))

        reason = d.pop("reason")

        compensating_control = d.pop("compensating_control", UNSET)

        _findings = d.pop("findings", UNSET)
        findings: list[UUID] | Unset = UNSET
        if _findings is not UNSET:
            findings = []
            for findings_item_data in _findings:
                findings_item = UUID(findings_item_data)

                findings.append(findings_item)

        maximum = d.pop("maximum", UNSET)

        _rule = d.pop("rule", UNSET)
        rule: RequestRequestRule | Unset
        if isinstance(_rule, Unset):
            rule = UNSET
        else:
            rule = RequestRequestRule.from_dict(_rule)

        def _parse_starts_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                starts_at_type_0 = datetime.datetime.fromisoformat(data)

                return starts_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        starts_at = _parse_starts_at(d.pop("starts_at", UNSET))

        request_request = cls(
            ends_at=ends_at,
            reason=reason,
            compensating_control=compensating_control,
            findings=findings,
            maximum=maximum,
            rule=rule,
            starts_at=starts_at,
        )

        request_request.additional_properties = d
        return request_request

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

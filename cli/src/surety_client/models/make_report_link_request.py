from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MakeReportLinkRequest")


@_attrs_define
class MakeReportLinkRequest:
    """The recipient of a link, and how long the link works.

    Attributes:
        days (int): The number of days for which the link works. The settings of the organization limit this number
        recipient (str): The name of the recipient. Lists of links and the journal show this name
        report (int): The number of a finished report
    """

    days: int
    recipient: str
    report: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        days = self.days

        recipient = self.recipient

        report = self.report

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "days": days,
                "recipient": recipient,
                "report": report,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        days = d.pop("days")

        recipient = d.pop("recipient")

        report = d.pop("report")

        make_report_link_request = cls(
            days=days,
            recipient=recipient,
            report=report,
        )

        make_report_link_request.additional_properties = d
        return make_report_link_request

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

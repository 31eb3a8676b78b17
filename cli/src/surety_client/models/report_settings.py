from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.language_enum import LanguageEnum
from ..models.paper_enum import PaperEnum

T = TypeVar("T", bound="ReportSettings")


@_attrs_define
class ReportSettings:
    """The defaults of new reports of the organization's customers, and the longest validity of links to reports.

    Attributes:
        language (LanguageEnum):
        link_days (int): The longest validity of links to reports, in days. The value 0 switches off all links,
            including existing ones
        paper (PaperEnum):
    """

    language: LanguageEnum
    link_days: int
    paper: PaperEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        language = self.language.value

        link_days = self.link_days

        paper = self.paper.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "language": language,
                "link_days": link_days,
                "paper": paper,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        language = LanguageEnum(d.pop("language"))

        link_days = d.pop("link_days")

        paper = PaperEnum(d.pop("paper"))

        report_settings = cls(
            language=language,
            link_days=link_days,
            paper=paper,
        )

        report_settings.additional_properties = d
        return report_settings

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

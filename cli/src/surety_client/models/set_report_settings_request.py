from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.language_enum import LanguageEnum
from ..models.paper_enum import PaperEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="SetReportSettingsRequest")


@_attrs_define
class SetReportSettingsRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        language (LanguageEnum | Unset):
        link_days (int | Unset): The longest validity of links to reports, in days. The value 0 switches off all links,
            including existing ones
        paper (PaperEnum | Unset):
    """

    language: LanguageEnum | Unset = UNSET
    link_days: int | Unset = UNSET
    paper: PaperEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        link_days = self.link_days

        paper: str | Unset = UNSET
        if not isinstance(self.paper, Unset):
            paper = self.paper.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if language is not UNSET:
            field_dict["language"] = language
        if link_days is not UNSET:
            field_dict["link_days"] = link_days
        if paper is not UNSET:
            field_dict["paper"] = paper

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _language = d.pop("language", UNSET)
        language: LanguageEnum | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = LanguageEnum(_language)

        link_days = d.pop("link_days", UNSET)

        _paper = d.pop("paper", UNSET)
        paper: PaperEnum | Unset
        if isinstance(_paper, Unset):
            paper = UNSET
        else:
            paper = PaperEnum(_paper)

        set_report_settings_request = cls(
            language=language,
            link_days=link_days,
            paper=paper,
        )

        set_report_settings_request.additional_properties = d
        return set_report_settings_request

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

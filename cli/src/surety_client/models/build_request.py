from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.framework_enum import FrameworkEnum
from ..models.language_enum import LanguageEnum
from ..models.paper_enum import PaperEnum
from ..models.report_kind_enum import ReportKindEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="BuildRequest")


@_attrs_define
class BuildRequest:
    """The report to build. Fields that are left out get the defaults of the form with which people build reports.

    Attributes:
        assessment (int | Unset): The number of a finished assessment
        classification (str | Unset):
        compare_with (int | Unset): For the kind `changes`: the number of the earlier finished assessment with which the
            report compares its own assessment
        framework (FrameworkEnum | Unset):
        kind (ReportKindEnum | Unset):  Default: ReportKindEnum.FULL.
        language (LanguageEnum | Unset):
        paper (PaperEnum | Unset):
        period_first (datetime.date | Unset): The first day of the period, for kinds of reports that cover a period
        period_last (datetime.date | Unset): The last day, which is included
        supersedes (int | Unset): The number of an earlier report of the same kind, which the new report supersedes
        without_names (bool | Unset): Whether the report contains ids instead of the names of people, groups,
            applications and roles Default: False.
    """

    assessment: int | Unset = UNSET
    classification: str | Unset = UNSET
    compare_with: int | Unset = UNSET
    framework: FrameworkEnum | Unset = UNSET
    kind: ReportKindEnum | Unset = ReportKindEnum.FULL
    language: LanguageEnum | Unset = UNSET
    paper: PaperEnum | Unset = UNSET
    period_first: datetime.date | Unset = UNSET
    period_last: datetime.date | Unset = UNSET
    supersedes: int | Unset = UNSET
    without_names: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessment = self.assessment

        classification = self.classification

        compare_with = self.compare_with

        framework: str | Unset = UNSET
        if not isinstance(self.framework, Unset):
            framework = self.framework.value

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        paper: str | Unset = UNSET
        if not isinstance(self.paper, Unset):
            paper = self.paper.value

        period_first: str | Unset = UNSET
        if not isinstance(self.period_first, Unset):
            period_first = self.period_first.isoformat()

        period_last: str | Unset = UNSET
        if not isinstance(self.period_last, Unset):
            period_last = self.period_last.isoformat()

        supersedes = self.supersedes

        without_names = self.without_names

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if assessment is not UNSET:
            field_dict["assessment"] = assessment
        if classification is not UNSET:
            field_dict["classification"] = classification
        if compare_with is not UNSET:
            field_dict["compare_with"] = compare_with
        if framework is not UNSET:
            field_dict["framework"] = framework
        if kind is not UNSET:
            field_dict["kind"] = kind
        if language is not UNSET:
            field_dict["language"] = language
        if paper is not UNSET:
            field_dict["paper"] = paper
        if period_first is not UNSET:
            field_dict["period_first"] = period_first
        if period_last is not UNSET:
            field_dict["period_last"] = period_last
        if supersedes is not UNSET:
            field_dict["supersedes"] = supersedes
        if without_names is not UNSET:
            field_dict["without_names"] = without_names

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        assessment = d.pop("assessment", UNSET)

        classification = d.pop("classification", UNSET)

        compare_with = d.pop("compare_with", UNSET)

        _framework = d.pop("framework", UNSET)
        framework: FrameworkEnum | Unset
        if isinstance(_framework, Unset):
            framework = UNSET
        else:
            framework = FrameworkEnum(_framework)

        _kind = d.pop("kind", UNSET)
        kind: ReportKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ReportKindEnum(_kind)

        _language = d.pop("language", UNSET)
        language: LanguageEnum | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = LanguageEnum(_language)

        _paper = d.pop("paper", UNSET)
        paper: PaperEnum | Unset
        if isinstance(_paper, Unset):
            paper = UNSET
        else:
            paper = PaperEnum(_paper)

        _period_first = d.pop("period_first", UNSET)
        period_first: datetime.date | Unset
        if isinstance(_period_first, Unset):
            period_first = UNSET
        else:
            period_first = datetime.date.fromisoformat(_period_first)

        _period_last = d.pop("period_last", UNSET)
        period_last: datetime.date | Unset
        if isinstance(_period_last, Unset):
            period_last = UNSET
        else:
            period_last = datetime.date.fromisoformat(_period_last)

        supersedes = d.pop("supersedes", UNSET)

        without_names = d.pop("without_names", UNSET)

        build_request = cls(
            assessment=assessment,
            classification=classification,
            compare_with=compare_with,
            framework=framework,
            kind=kind,
            language=language,
            paper=paper,
            period_first=period_first,
            period_last=period_last,
            supersedes=supersedes,
            without_names=without_names,
        )

        build_request.additional_properties = d
        return build_request

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

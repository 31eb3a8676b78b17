from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.language_enum import LanguageEnum
from ..models.paper_enum import PaperEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="BuildPortfolioRequest")


@_attrs_define
class BuildPortfolioRequest:
    """The report to build; by default, a report on all customers.

    Attributes:
        classification (str | Unset):
        customers (list[str] | Unset): Short names of the customers; an alternative to `label`
        label (str | Unset): Customers with this label
        language (LanguageEnum | Unset):
        paper (PaperEnum | Unset):
        supersedes (int | Unset): The number of an earlier portfolio report, which the new report supersedes
    """

    classification: str | Unset = UNSET
    customers: list[str] | Unset = UNSET
    label: str | Unset = UNSET
    language: LanguageEnum | Unset = UNSET
    paper: PaperEnum | Unset = UNSET
    supersedes: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        classification = self.classification

        customers: list[str] | Unset = UNSET
        if not isinstance(self.customers, Unset):
            customers = self.customers

        label = self.label

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        paper: str | Unset = UNSET
        if not isinstance(self.paper, Unset):
            paper = self.paper.value

        supersedes = self.supersedes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if classification is not UNSET:
            field_dict["classification"] = classification
        if customers is not UNSET:
            field_dict["customers"] = customers
        if label is not UNSET:
            field_dict["label"] = label
        if language is not UNSET:
            field_dict["language"] = language
        if paper is not UNSET:
            field_dict["paper"] = paper
        if supersedes is not UNSET:
            field_dict["supersedes"] = supersedes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        classification = d.pop("classification", UNSET)

        customers = cast(list[str], d.pop("customers", UNSET))

        label = d.pop("label", UNSET)

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

        supersedes = d.pop("supersedes", UNSET)

        build_portfolio_request = cls(
            classification=classification,
            customers=customers,
            label=label,
            language=language,
            paper=paper,
            supersedes=supersedes,
        )

        build_portfolio_request.additional_properties = d
        return build_portfolio_request

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

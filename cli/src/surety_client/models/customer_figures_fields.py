from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CustomerFiguresFields")


@_attrs_define
class CustomerFiguresFields:
    """The fields of CustomerFigures that the parameter `fields` names

    Attributes:
        assessed_at (datetime.datetime | None | Unset): The end of the newest assessment, or its start while it runs
        coverage (float | None | Unset): The share of applicable verdicts that are known
        critical (int | Unset): Number of open critical findings
        high (int | Unset): Number of open findings of high severity
        is_known (bool | Unset): Whether the last attempt to read data of the customer succeeded at least in part
        name (str | Unset):
        overdue (int | Unset): Number of overdue findings of every severity
        score (float | None | Unset): The adjusted score; null if no check passed or failed
        short_name (str | Unset):
        to_attest (int | Unset): Number of manual controls without a valid answer, or answered as not met
        undecided_exceptions (int | Unset):
        unknown (int | Unset): Number of findings whose verdict is unknown
    """

    assessed_at: datetime.datetime | None | Unset = UNSET
    coverage: float | None | Unset = UNSET
    critical: int | Unset = UNSET
    high: int | Unset = UNSET
    is_known: bool | Unset = UNSET
    name: str | Unset = UNSET
    overdue: int | Unset = UNSET
    score: float | None | Unset = UNSET
    short_name: str | Unset = UNSET
    to_attest: int | Unset = UNSET
    undecided_exceptions: int | Unset = UNSET
    unknown: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessed_at: None | str | Unset
        if isinstance(self.assessed_at, Unset):
            assessed_at = UNSET
        elif isinstance(self.assessed_at, datetime.datetime):
            assessed_at = self.assessed_at.isoformat()
        else:
            assessed_at = self.assessed_at

        coverage: float | None | Unset
        if isinstance(self.coverage, Unset):
            coverage = UNSET
        else:
            coverage = self.coverage

        critical = self.critical

        high = self.high

        is_known = self.is_known

        name = self.name

        overdue = self.overdue

        score: float | None | Unset
        if isinstance(self.score, Unset):
            score = UNSET
        else:
            score = self.score

        short_name = self.short_name

        to_attest = self.to_attest

        undecided_exceptions = self.undecided_exceptions

        unknown = self.unknown

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if assessed_at is not UNSET:
            field_dict["assessed_at"] = assessed_at
        if coverage is not UNSET:
            field_dict["coverage"] = coverage
        if critical is not UNSET:
            field_dict["critical"] = critical
        if high is not UNSET:
            field_dict["high"] = high
        if is_known is not UNSET:
            field_dict["is_known"] = is_known
        if name is not UNSET:
            field_dict["name"] = name
        if overdue is not UNSET:
            field_dict["overdue"] = overdue
        if score is not UNSET:
            field_dict["score"] = score
        if short_name is not UNSET:
            field_dict["short_name"] = short_name
        if to_attest is not UNSET:
            field_dict["to_attest"] = to_attest
        if undecided_exceptions is not UNSET:
            field_dict["undecided_exceptions"] = undecided_exceptions
        if unknown is not UNSET:
            field_dict["unknown"] = unknown

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_assessed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                assessed_at_type_0 = datetime.datetime.fromisoformat(data)

                return assessed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        assessed_at = _parse_assessed_at(d.pop("assessed_at", UNSET))

        def _parse_coverage(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        coverage = _parse_coverage(d.pop("coverage", UNSET))

        critical = d.pop("critical", UNSET)

        high = d.pop("high", UNSET)

        is_known = d.pop("is_known", UNSET)

        name = d.pop("name", UNSET)

        overdue = d.pop("overdue", UNSET)

        def _parse_score(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        score = _parse_score(d.pop("score", UNSET))

        short_name = d.pop("short_name", UNSET)

        to_attest = d.pop("to_attest", UNSET)

        undecided_exceptions = d.pop("undecided_exceptions", UNSET)

        unknown = d.pop("unknown", UNSET)

        customer_figures_fields = cls(
            assessed_at=assessed_at,
            coverage=coverage,
            critical=critical,
            high=high,
            is_known=is_known,
            name=name,
            overdue=overdue,
            score=score,
            short_name=short_name,
            to_attest=to_attest,
            undecided_exceptions=undecided_exceptions,
            unknown=unknown,
        )

        customer_figures_fields.additional_properties = d
        return customer_figures_fields

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

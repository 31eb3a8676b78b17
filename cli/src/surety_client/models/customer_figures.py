from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CustomerFigures")


@_attrs_define
class CustomerFigures:
    """The figures of a customer. Scores and coverage are percentages.

    Attributes:
        assessed_at (datetime.datetime | None): The end of the newest assessment, or its start while it runs
        coverage (float | None): The share of applicable verdicts that are known
        critical (int): Number of open critical findings
        high (int): Number of open findings of high severity
        is_known (bool): Whether the last attempt to read data of the customer succeeded at least in part
        name (str):
        overdue (int): Number of overdue findings of every severity
        score (float | None): The adjusted score; null if no check passed or failed
        short_name (str):
        to_attest (int): Number of manual controls without a valid answer, or answered as not met
        undecided_exceptions (int):
        unknown (int): Number of findings whose verdict is unknown
    """

    assessed_at: datetime.datetime | None
    coverage: float | None
    critical: int
    high: int
    is_known: bool
    name: str
    overdue: int
    score: float | None
    short_name: str
    to_attest: int
    undecided_exceptions: int
    unknown: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessed_at: None | str
        if isinstance(self.assessed_at, datetime.datetime):
            assessed_at = self.assessed_at.isoformat()
        else:
            assessed_at = self.assessed_at

        coverage: float | None
        coverage = self.coverage

        critical = self.critical

        high = self.high

        is_known = self.is_known

        name = self.name

        overdue = self.overdue

        score: float | None
        score = self.score

        short_name = self.short_name

        to_attest = self.to_attest

        undecided_exceptions = self.undecided_exceptions

        unknown = self.unknown

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assessed_at": assessed_at,
                "coverage": coverage,
                "critical": critical,
                "high": high,
                "is_known": is_known,
                "name": name,
                "overdue": overdue,
                "score": score,
                "short_name": short_name,
                "to_attest": to_attest,
                "undecided_exceptions": undecided_exceptions,
                "unknown": unknown,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_assessed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                assessed_at_type_0 = datetime.datetime.fromisoformat(data)

                return assessed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        assessed_at = _parse_assessed_at(d.pop("assessed_at"))

        def _parse_coverage(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        coverage = _parse_coverage(d.pop("coverage"))

        critical = d.pop("critical")

        high = d.pop("high")

        is_known = d.pop("is_known")

        name = d.pop("name")

        overdue = d.pop("overdue")

        def _parse_score(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        score = _parse_score(d.pop("score"))

        short_name = d.pop("short_name")

        to_attest = d.pop("to_attest")

        undecided_exceptions = d.pop("undecided_exceptions")

        unknown = d.pop("unknown")

        customer_figures = cls(
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

        customer_figures.additional_properties = d
        return customer_figures

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.report_kind_enum import ReportKindEnum
from ..models.report_state_enum import ReportStateEnum

T = TypeVar("T", bound="Report")


@_attrs_define
class Report:
    """A report. Its file can be downloaded when `state` is `ready`.

    Attributes:
        as_of (datetime.datetime): The report states the verdicts as they were at this time
        assessment (int): The number of the assessment
        created_at (datetime.datetime):
        error (str): Why the build failed
        framework (str):
        kind (ReportKindEnum):
        language (str):
        level (str): The PAdES level of the signature
        number (int):
        revoked_at (datetime.datetime | None):
        revoked_because (str):
        sha256 (str):
        size (int | None): Bytes of the file
        state (ReportStateEnum):
        superseded_by (int | None): The number of the report that supersedes this report
    """

    as_of: datetime.datetime
    assessment: int
    created_at: datetime.datetime
    error: str
    framework: str
    kind: ReportKindEnum
    language: str
    level: str
    number: int
    revoked_at: datetime.datetime | None
    revoked_because: str
    sha256: str
    size: int | None
    state: ReportStateEnum
    superseded_by: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        as_of = self.as_of.isoformat()

        assessment = self.assessment

        created_at = self.created_at.isoformat()

        error = self.error

        framework = self.framework

        kind = self.kind.value

        language = self.language

        level = self.level

        number = self.number

        revoked_at: None | str
        if isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        revoked_because = self.revoked_because

        sha256 = self.sha256

        size: int | None
        size = self.size

        state = self.state.value

        superseded_by: int | None
        superseded_by = self.superseded_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "as_of": as_of,
                "assessment": assessment,
                "created_at": created_at,
                "error": error,
                "framework": framework,
                "kind": kind,
                "language": language,
                "level": level,
                "number": number,
                "revoked_at": revoked_at,
                "revoked_because": revoked_because,
                "sha256": sha256,
                "size": size,
                "state": state,
                "superseded_by": superseded_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        assessment = d.pop("assessment")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        error = d.pop("error")

        framework = d.pop("framework")

        kind = ReportKindEnum(d.pop("kind"))

        language = d.pop("language")

        level = d.pop("level")

        number = d.pop("number")

        def _parse_revoked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at"))

        revoked_because = d.pop("revoked_because")

        sha256 = d.pop("sha256")

        def _parse_size(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size = _parse_size(d.pop("size"))

        state = ReportStateEnum(d.pop("state"))

        def _parse_superseded_by(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        superseded_by = _parse_superseded_by(d.pop("superseded_by"))

        report = cls(
            as_of=as_of,
            assessment=assessment,
            created_at=created_at,
            error=error,
            framework=framework,
            kind=kind,
            language=language,
            level=level,
            number=number,
            revoked_at=revoked_at,
            revoked_because=revoked_because,
            sha256=sha256,
            size=size,
            state=state,
            superseded_by=superseded_by,
        )

        report.additional_properties = d
        return report

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

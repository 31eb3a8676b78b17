from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OwnDraft")


@_attrs_define
class OwnDraft:
    """A draft: the version of a control that the organization has not published yet.

    Attributes:
        problems (list[str]): One sentence for each case (example) of the draft that does not get the expected verdict
        text (str): The definition as YAML
        version (int):
        written_at (datetime.datetime):
    """

    problems: list[str]
    text: str
    version: int
    written_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        problems = self.problems

        text = self.text

        version = self.version

        written_at = self.written_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "problems": problems,
                "text": text,
                "version": version,
                "written_at": written_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        problems = cast(list[str], d.pop("problems"))

        text = d.pop("text")

        version = d.pop("version")

        written_at = datetime.datetime.fromisoformat(d.pop("written_at"))

        own_draft = cls(
            problems=problems,
            text=text,
            version=version,
            written_at=written_at,
        )

        own_draft.additional_properties = d
        return own_draft

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

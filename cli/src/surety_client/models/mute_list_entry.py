from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MuteListEntry")


@_attrs_define
class MuteListEntry:
    """An entry of a mute list, and the failing findings that the entry matches.

    Attributes:
        account (str):
        check_name (str): The name of a check of Prowler, or an expression that matches several checks
        controls (list[str]): Controls that correspond to the check of Prowler
        description (str):
        line (int):
        matching (int): The number of findings that would get an exception
        number (int): The position of the entry in the file; the first entry has the number 1
        others (str): Reasons why other failing findings of the controls do not match, and the number of findings for
            each reason
        sample (list[UUID]): The ids of at most 20 findings that would get an exception
        under_way (int): The number of matching findings that already have an exception or a requested exception
        why (str): Why no finding matches; empty if a finding matches
    """

    account: str
    check_name: str
    controls: list[str]
    description: str
    line: int
    matching: int
    number: int
    others: str
    sample: list[UUID]
    under_way: int
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        account = self.account

        check_name = self.check_name

        controls = self.controls

        description = self.description

        line = self.line

        matching = self.matching

        number = self.number

        others = self.others

        sample = []
        for sample_item_data in self.sample:
            sample_item = str(sample_item_data)
            sample.append(sample_item)

        under_way = self.under_way

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "account": account,
                "check_name": check_name,
                "controls": controls,
                "description": description,
                "line": line,
                "matching": matching,
                "number": number,
                "others": others,
                "sample": sample,
                "under_way": under_way,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        account = d.pop("account")

        check_name = d.pop("check_name")

        controls = cast(list[str], d.pop("controls"))

        description = d.pop("description")

        line = d.pop("line")

        matching = d.pop("matching")

        number = d.pop("number")

        others = d.pop("others")

        sample = []
        _sample = d.pop("sample")
        for sample_item_data in _sample:
            sample_item = UUID(sample_item_data)

            sample.append(sample_item)

        under_way = d.pop("under_way")

        why = d.pop("why")

        mute_list_entry = cls(
            account=account,
            check_name=check_name,
            controls=controls,
            description=description,
            line=line,
            matching=matching,
            number=number,
            others=others,
            sample=sample,
            under_way=under_way,
            why=why,
        )

        mute_list_entry.additional_properties = d
        return mute_list_entry

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

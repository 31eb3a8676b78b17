from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Equivalent")


@_attrs_define
class Equivalent:
    """A check of another product. The check tests the same as the control.

    Attributes:
        differs (str): In which cases the check and the control can reach different verdicts; empty if there are none
        id (str): The id of the check in the product
        product (str): “Prowler”, “Azure Policy” or “Microsoft Defender for Cloud”
        title (str): The title of the check; empty if the id says enough
        url (str): The product’s page about the check, for example in the Azure portal
    """

    differs: str
    id: str
    product: str
    title: str
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        differs = self.differs

        id = self.id

        product = self.product

        title = self.title

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "differs": differs,
                "id": id,
                "product": product,
                "title": title,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        differs = d.pop("differs")

        id = d.pop("id")

        product = d.pop("product")

        title = d.pop("title")

        url = d.pop("url")

        equivalent = cls(
            differs=differs,
            id=id,
            product=product,
            title=title,
            url=url,
        )

        equivalent.additional_properties = d
        return equivalent

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

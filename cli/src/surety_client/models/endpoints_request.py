from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="EndpointsRequest")


@_attrs_define
class EndpointsRequest:
    """The endpoints of a custom cloud as https addresses, and the certificate of its certificate authority.

    Attributes:
        arm (str): The endpoint of Azure Resource Manager
        authority (str): The sign-in endpoint
        graph (str): The endpoint of Microsoft Graph
        arm_scope (str | Unset): The scope of tokens for Azure Resource Manager; by default, the value of `arm` followed
            by /.default Default: ''.
        ca (str | Unset): The certificate of the certificate authority as PEM text, if the authority is not a public one
            Default: ''.
    """

    arm: str
    authority: str
    graph: str
    arm_scope: str | Unset = ""
    ca: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        arm = self.arm

        authority = self.authority

        graph = self.graph

        arm_scope = self.arm_scope

        ca = self.ca

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "arm": arm,
                "authority": authority,
                "graph": graph,
            }
        )
        if arm_scope is not UNSET:
            field_dict["arm_scope"] = arm_scope
        if ca is not UNSET:
            field_dict["ca"] = ca

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        arm = d.pop("arm")

        authority = d.pop("authority")

        graph = d.pop("graph")

        arm_scope = d.pop("arm_scope", UNSET)

        ca = d.pop("ca", UNSET)

        endpoints_request = cls(
            arm=arm,
            authority=authority,
            graph=graph,
            arm_scope=arm_scope,
            ca=ca,
        )

        endpoints_request.additional_properties = d
        return endpoints_request

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

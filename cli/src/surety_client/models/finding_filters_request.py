from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.age_enum import AgeEnum
from ..models.due_enum import DueEnum
from ..models.finding_filters_state_enum import FindingFiltersStateEnum
from ..models.section_enum import SectionEnum
from ..models.severity_enum import SeverityEnum
from ..models.verdict_enum import VerdictEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="FindingFiltersRequest")


@_attrs_define
class FindingFiltersRequest:
    """The filters of the list of findings. A finding must match all given filters. An empty object selects all findings
    that are not gone.

        Attributes:
            age (list[AgeEnum] | Unset): Age. Several values are alternatives
            control (list[str] | Unset): Control: the name of a control, from the list of controls. Several values are
                alternatives
            due (list[DueEnum] | Unset): Due. Several values are alternatives
            owner (list[str] | Unset): Owner: the id of a person, `nobody`, or `gone` for owners who cannot act. Several
                values are alternatives
            q (str | Unset): Words that the subject, the control or the reason contains
            section (list[SectionEnum] | Unset): Section. Several values are alternatives
            severity (list[SeverityEnum] | Unset): Severity. Several values are alternatives
            state (list[FindingFiltersStateEnum] | Unset): State. Several values are alternatives
            subscription (list[str] | Unset): Subscription or directory: `/subscriptions/<id>` or `directory:<id>`, in lower
                case. Several values are alternatives
            tag (list[str] | Unset): Tag: `name` or `name=value`. Several values are alternatives
            verdict (list[VerdictEnum] | Unset): Verdict. Several values are alternatives
    """

    age: list[AgeEnum] | Unset = UNSET
    control: list[str] | Unset = UNSET
    due: list[DueEnum] | Unset = UNSET
    owner: list[str] | Unset = UNSET
    q: str | Unset = UNSET
    section: list[SectionEnum] | Unset = UNSET
    severity: list[SeverityEnum] | Unset = UNSET
    state: list[FindingFiltersStateEnum] | Unset = UNSET
    subscription: list[str] | Unset = UNSET
    tag: list[str] | Unset = UNSET
    verdict: list[VerdictEnum] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        age: list[str] | Unset = UNSET
        if not isinstance(self.age, Unset):
            age = []
            for age_item_data in self.age:
                age_item = age_item_data.value
                age.append(age_item)

        control: list[str] | Unset = UNSET
        if not isinstance(self.control, Unset):
            control = self.control

        due: list[str] | Unset = UNSET
        if not isinstance(self.due, Unset):
            due = []
            for due_item_data in self.due:
                due_item = due_item_data.value
                due.append(due_item)

        owner: list[str] | Unset = UNSET
        if not isinstance(self.owner, Unset):
            owner = self.owner

        q = self.q

        section: list[str] | Unset = UNSET
        if not isinstance(self.section, Unset):
            section = []
            for section_item_data in self.section:
                section_item = section_item_data.value
                section.append(section_item)

        severity: list[str] | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = []
            for severity_item_data in self.severity:
                severity_item = severity_item_data.value
                severity.append(severity_item)

        state: list[str] | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = []
            for state_item_data in self.state:
                state_item = state_item_data.value
                state.append(state_item)

        subscription: list[str] | Unset = UNSET
        if not isinstance(self.subscription, Unset):
            subscription = self.subscription

        tag: list[str] | Unset = UNSET
        if not isinstance(self.tag, Unset):
            tag = self.tag

        verdict: list[str] | Unset = UNSET
        if not isinstance(self.verdict, Unset):
            verdict = []
            for verdict_item_data in self.verdict:
                verdict_item = verdict_item_data.value
                verdict.append(verdict_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if age is not UNSET:
            field_dict["age"] = age
        if control is not UNSET:
            field_dict["control"] = control
        if due is not UNSET:
            field_dict["due"] = due
        if owner is not UNSET:
            field_dict["owner"] = owner
        if q is not UNSET:
            field_dict["q"] = q
        if section is not UNSET:
            field_dict["section"] = section
        if severity is not UNSET:
            field_dict["severity"] = severity
        if state is not UNSET:
            field_dict["state"] = state
        if subscription is not UNSET:
            field_dict["subscription"] = subscription
        if tag is not UNSET:
            field_dict["tag"] = tag
        if verdict is not UNSET:
            field_dict["verdict"] = verdict

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _age = d.pop("age", UNSET)
        age: list[AgeEnum] | Unset = UNSET
        if _age is not UNSET:
            age = []
            for age_item_data in _age:
                age_item = AgeEnum(age_item_data)

                age.append(age_item)

        control = cast(list[str], d.pop("control", UNSET))

        _due = d.pop("due", UNSET)
        due: list[DueEnum] | Unset = UNSET
        if _due is not UNSET:
            due = []
            for due_item_data in _due:
                due_item = DueEnum(due_item_data)

                due.append(due_item)

        owner = cast(list[str], d.pop("owner", UNSET))

        q = d.pop("q", UNSET)

        _section = d.pop("section", UNSET)
        section: list[SectionEnum] | Unset = UNSET
        if _section is not UNSET:
            section = []
            for section_item_data in _section:
                section_item = SectionEnum(section_item_data)

                section.append(section_item)

        _severity = d.pop("severity", UNSET)
        severity: list[SeverityEnum] | Unset = UNSET
        if _severity is not UNSET:
            severity = []
            for severity_item_data in _severity:
                severity_item = SeverityEnum(severity_item_data)

                severity.append(severity_item)

        _state = d.pop("state", UNSET)
        state: list[FindingFiltersStateEnum] | Unset = UNSET
        if _state is not UNSET:
            state = []
            for state_item_data in _state:
                state_item = FindingFiltersStateEnum(state_item_data)

                state.append(state_item)

        subscription = cast(list[str], d.pop("subscription", UNSET))

        tag = cast(list[str], d.pop("tag", UNSET))

        _verdict = d.pop("verdict", UNSET)
        verdict: list[VerdictEnum] | Unset = UNSET
        if _verdict is not UNSET:
            verdict = []
            for verdict_item_data in _verdict:
                verdict_item = VerdictEnum(verdict_item_data)

                verdict.append(verdict_item)

        finding_filters_request = cls(
            age=age,
            control=control,
            due=due,
            owner=owner,
            q=q,
            section=section,
            severity=severity,
            state=state,
            subscription=subscription,
            tag=tag,
            verdict=verdict,
        )

        finding_filters_request.additional_properties = d
        return finding_filters_request

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

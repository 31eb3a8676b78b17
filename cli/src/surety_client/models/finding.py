from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..models.verdict_enum import VerdictEnum

if TYPE_CHECKING:
    from ..models.requirement import Requirement


T = TypeVar("T", bound="Finding")


@_attrs_define
class Finding:
    """A finding: the verdict of a control on a subject, and what people do about it.

    Attributes:
        acknowledged_by (None | str):
        attested_until (datetime.datetime | None):
        control (str):
        due (datetime.datetime | None):
        evidence (list[str]): SHA-256 of each document
        exception (None | str):
        exception_until (datetime.datetime | None):
        expected (str):
        failing_since (datetime.datetime | None):
        first_seen (datetime.datetime):
        fix (None | str): Commands that fix the failure; null for other verdicts
        found (str): What was found, as a sentence
        id (UUID):
        known_with (None | str): What Surety needs to judge the subject; null unless the verdict is unknown
        observed (str):
        owner (None | str):
        owner_email (None | str):
        plan (None | str):
        planned_for (datetime.date | None):
        remarks (list[str]): Sentences about the verdict, for example why the severity differs from the severity of the
            control
        requirements (list[Requirement]):
        resource_group (str):
        resource_type (str):
        section (str):
        severity (SeverityEnum):
        state (str): The state of the finding in words, such as open, acknowledged or excepted
        subject (str): The Azure resource id, or the id of a subject that is not an Azure resource
        subject_name (str):
        title (str): The title of the control
        unit_name (str): The name of the subscription or directory
        unit_read (None | str): Whether the subscription or directory was read completely, partly or not at all
        verdict (VerdictEnum):
        verdict_since (datetime.datetime):
    """

    acknowledged_by: None | str
    attested_until: datetime.datetime | None
    control: str
    due: datetime.datetime | None
    evidence: list[str]
    exception: None | str
    exception_until: datetime.datetime | None
    expected: str
    failing_since: datetime.datetime | None
    first_seen: datetime.datetime
    fix: None | str
    found: str
    id: UUID
    known_with: None | str
    observed: str
    owner: None | str
    owner_email: None | str
    plan: None | str
    planned_for: datetime.date | None
    remarks: list[str]
    requirements: list[Requirement]
    resource_group: str
    resource_type: str
    section: str
    severity: SeverityEnum
    state: str
    subject: str
    subject_name: str
    title: str
    unit_name: str
    unit_read: None | str
    verdict: VerdictEnum
    verdict_since: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acknowledged_by: None | str
        acknowledged_by = self.acknowledged_by

        attested_until: None | str
        if isinstance(self.attested_until, datetime.datetime):
            attested_until = self.attested_until.isoformat()
        else:
            attested_until = self.attested_until

        control = self.control

        due: None | str
        if isinstance(self.due, datetime.datetime):
            due = self.due.isoformat()
        else:
            due = self.due

        evidence = self.evidence

        exception: None | str
        exception = self.exception

        exception_until: None | str
        if isinstance(self.exception_until, datetime.datetime):
            exception_until = self.exception_until.isoformat()
        else:
            exception_until = self.exception_until

        expected = self.expected

        failing_since: None | str
        if isinstance(self.failing_since, datetime.datetime):
            failing_since = self.failing_since.isoformat()
        else:
            failing_since = self.failing_since

        first_seen = self.first_seen.isoformat()

        fix: None | str
        fix = self.fix

        found = self.found

        id = str(self.id)

        known_with: None | str
        known_with = self.known_with

        observed = self.observed

        owner: None | str
        owner = self.owner

        owner_email: None | str
        owner_email = self.owner_email

        plan: None | str
        plan = self.plan

        planned_for: None | str
        if isinstance(self.planned_for, datetime.date):
            planned_for = self.planned_for.isoformat()
        else:
            planned_for = self.planned_for

        remarks = self.remarks

        requirements = []
        for requirements_item_data in self.requirements:
            requirements_item = requirements_item_data.to_dict()
            requirements.append(requirements_item)

        resource_group = self.resource_group

        resource_type = self.resource_type

        section = self.section

        severity = self.severity.value

        state = self.state

        subject = self.subject

        subject_name = self.subject_name

        title = self.title

        unit_name = self.unit_name

        unit_read: None | str
        unit_read = self.unit_read

        verdict = self.verdict.value

        verdict_since = self.verdict_since.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acknowledged_by": acknowledged_by,
                "attested_until": attested_until,
                "control": control,
                "due": due,
                "evidence": evidence,
                "exception": exception,
                "exception_until": exception_until,
                "expected": expected,
                "failing_since": failing_since,
                "first_seen": first_seen,
                "fix": fix,
                "found": found,
                "id": id,
                "known_with": known_with,
                "observed": observed,
                "owner": owner,
                "owner_email": owner_email,
                "plan": plan,
                "planned_for": planned_for,
                "remarks": remarks,
                "requirements": requirements,
                "resource_group": resource_group,
                "resource_type": resource_type,
                "section": section,
                "severity": severity,
                "state": state,
                "subject": subject,
                "subject_name": subject_name,
                "title": title,
                "unit_name": unit_name,
                "unit_read": unit_read,
                "verdict": verdict,
                "verdict_since": verdict_since,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.requirement import Requirement

        d = dict(src_dict)

        def _parse_acknowledged_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        acknowledged_by = _parse_acknowledged_by(d.pop("acknowledged_by"))

        def _parse_attested_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                attested_until_type_0 = datetime.datetime.fromisoformat(data)

                return attested_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        attested_until = _parse_attested_until(d.pop("attested_until"))

        control = d.pop("control")

        def _parse_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_type_0 = datetime.datetime.fromisoformat(data)

                return due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due = _parse_due(d.pop("due"))

        evidence = cast(list[str], d.pop("evidence"))

        def _parse_exception(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        exception = _parse_exception(d.pop("exception"))

        def _parse_exception_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                exception_until_type_0 = datetime.datetime.fromisoformat(data)

                return exception_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        exception_until = _parse_exception_until(d.pop("exception_until"))

        expected = d.pop("expected")

        def _parse_failing_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failing_since_type_0 = datetime.datetime.fromisoformat(data)

                return failing_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        failing_since = _parse_failing_since(d.pop("failing_since"))

        first_seen = datetime.datetime.fromisoformat(d.pop("first_seen"))

        def _parse_fix(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        fix = _parse_fix(d.pop("fix"))

        found = d.pop("found")

        id = UUID(d.pop("id"))

        def _parse_known_with(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        known_with = _parse_known_with(d.pop("known_with"))

        observed = d.pop("observed")

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        def _parse_owner_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner_email = _parse_owner_email(d.pop("owner_email"))

        def _parse_plan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan = _parse_plan(d.pop("plan"))

        def _parse_planned_for(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                planned_for_type_0 = datetime.date.fromisoformat(data)

                return planned_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        planned_for = _parse_planned_for(d.pop("planned_for"))

        remarks = cast(list[str], d.pop("remarks"))

        requirements = []
        _requirements = d.pop("requirements")
        for requirements_item_data in _requirements:
            requirements_item = Requirement.from_dict(requirements_item_data)

            requirements.append(requirements_item)

        resource_group = d.pop("resource_group")

        resource_type = d.pop("resource_type")

        section = d.pop("section")

        severity = SeverityEnum(d.pop("severity"))

        state = d.pop("state")

        subject = d.pop("subject")

        subject_name = d.pop("subject_name")

        title = d.pop("title")

        unit_name = d.pop("unit_name")

        def _parse_unit_read(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit_read = _parse_unit_read(d.pop("unit_read"))

        verdict = VerdictEnum(d.pop("verdict"))

        verdict_since = datetime.datetime.fromisoformat(d.pop("verdict_since"))

        finding = cls(
            acknowledged_by=acknowledged_by,
            attested_until=attested_until,
            control=control,
            due=due,
            evidence=evidence,
            exception=exception,
            exception_until=exception_until,
            expected=expected,
            failing_since=failing_since,
            first_seen=first_seen,
            fix=fix,
            found=found,
            id=id,
            known_with=known_with,
            observed=observed,
            owner=owner,
            owner_email=owner_email,
            plan=plan,
            planned_for=planned_for,
            remarks=remarks,
            requirements=requirements,
            resource_group=resource_group,
            resource_type=resource_type,
            section=section,
            severity=severity,
            state=state,
            subject=subject,
            subject_name=subject_name,
            title=title,
            unit_name=unit_name,
            unit_read=unit_read,
            verdict=verdict,
            verdict_since=verdict_since,
        )

        finding.additional_properties = d
        return finding

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

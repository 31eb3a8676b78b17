from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..models.verdict_enum import VerdictEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.requirement import Requirement


T = TypeVar("T", bound="FindingFields")


@_attrs_define
class FindingFields:
    """The fields of Finding that the parameter `fields` names

    Attributes:
        acknowledged_by (None | str | Unset):
        attested_until (datetime.datetime | None | Unset):
        control (str | Unset):
        due (datetime.datetime | None | Unset):
        evidence (list[str] | Unset): SHA-256 of each document
        exception (None | str | Unset):
        exception_until (datetime.datetime | None | Unset):
        expected (str | Unset):
        failing_since (datetime.datetime | None | Unset):
        first_seen (datetime.datetime | Unset):
        fix (None | str | Unset): Commands that fix the failure; null for other verdicts
        found (str | Unset): What was found, as a sentence
        id (UUID | Unset):
        known_with (None | str | Unset): What Surety needs to judge the subject; null unless the verdict is unknown
        observed (str | Unset):
        owner (None | str | Unset):
        owner_email (None | str | Unset):
        plan (None | str | Unset):
        planned_for (datetime.date | None | Unset):
        remarks (list[str] | Unset): Sentences about the verdict, for example why the severity differs from the severity
            of the control
        requirements (list[Requirement] | Unset):
        resource_group (str | Unset):
        resource_type (str | Unset):
        section (str | Unset):
        severity (SeverityEnum | Unset):
        state (str | Unset): The state of the finding in words, such as open, acknowledged or excepted
        subject (str | Unset): The Azure resource id, or the id of a subject that is not an Azure resource
        subject_name (str | Unset):
        title (str | Unset): The title of the control
        unit_name (str | Unset): The name of the subscription or directory
        unit_read (None | str | Unset): Whether the subscription or directory was read completely, partly or not at all
        verdict (VerdictEnum | Unset):
        verdict_since (datetime.datetime | Unset):
    """

    acknowledged_by: None | str | Unset = UNSET
    attested_until: datetime.datetime | None | Unset = UNSET
    control: str | Unset = UNSET
    due: datetime.datetime | None | Unset = UNSET
    evidence: list[str] | Unset = UNSET
    exception: None | str | Unset = UNSET
    exception_until: datetime.datetime | None | Unset = UNSET
    expected: str | Unset = UNSET
    failing_since: datetime.datetime | None | Unset = UNSET
    first_seen: datetime.datetime | Unset = UNSET
    fix: None | str | Unset = UNSET
    found: str | Unset = UNSET
    id: UUID | Unset = UNSET
    known_with: None | str | Unset = UNSET
    observed: str | Unset = UNSET
    owner: None | str | Unset = UNSET
    owner_email: None | str | Unset = UNSET
    plan: None | str | Unset = UNSET
    planned_for: datetime.date | None | Unset = UNSET
    remarks: list[str] | Unset = UNSET
    requirements: list[Requirement] | Unset = UNSET
    resource_group: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    section: str | Unset = UNSET
    severity: SeverityEnum | Unset = UNSET
    state: str | Unset = UNSET
    subject: str | Unset = UNSET
    subject_name: str | Unset = UNSET
    title: str | Unset = UNSET
    unit_name: str | Unset = UNSET
    unit_read: None | str | Unset = UNSET
    verdict: VerdictEnum | Unset = UNSET
    verdict_since: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acknowledged_by: None | str | Unset
        if isinstance(self.acknowledged_by, Unset):
            acknowledged_by = UNSET
        else:
            acknowledged_by = self.acknowledged_by

        attested_until: None | str | Unset
        if isinstance(self.attested_until, Unset):
            attested_until = UNSET
        elif isinstance(self.attested_until, datetime.datetime):
            attested_until = self.attested_until.isoformat()
        else:
            attested_until = self.attested_until

        control = self.control

        due: None | str | Unset
        if isinstance(self.due, Unset):
            due = UNSET
        elif isinstance(self.due, datetime.datetime):
            due = self.due.isoformat()
        else:
            due = self.due

        evidence: list[str] | Unset = UNSET
        if not isinstance(self.evidence, Unset):
            evidence = self.evidence

        exception: None | str | Unset
        if isinstance(self.exception, Unset):
            exception = UNSET
        else:
            exception = self.exception

        exception_until: None | str | Unset
        if isinstance(self.exception_until, Unset):
            exception_until = UNSET
        elif isinstance(self.exception_until, datetime.datetime):
            exception_until = self.exception_until.isoformat()
        else:
            exception_until = self.exception_until

        expected = self.expected

        failing_since: None | str | Unset
        if isinstance(self.failing_since, Unset):
            failing_since = UNSET
        elif isinstance(self.failing_since, datetime.datetime):
            failing_since = self.failing_since.isoformat()
        else:
            failing_since = self.failing_since

        first_seen: str | Unset = UNSET
        if not isinstance(self.first_seen, Unset):
            first_seen = self.first_seen.isoformat()

        fix: None | str | Unset
        if isinstance(self.fix, Unset):
            fix = UNSET
        else:
            fix = self.fix

        found = self.found

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        known_with: None | str | Unset
        if isinstance(self.known_with, Unset):
            known_with = UNSET
        else:
            known_with = self.known_with

        observed = self.observed

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        owner_email: None | str | Unset
        if isinstance(self.owner_email, Unset):
            owner_email = UNSET
        else:
            owner_email = self.owner_email

        plan: None | str | Unset
        if isinstance(self.plan, Unset):
            plan = UNSET
        else:
            plan = self.plan

        planned_for: None | str | Unset
        if isinstance(self.planned_for, Unset):
            planned_for = UNSET
        elif isinstance(self.planned_for, datetime.date):
            planned_for = self.planned_for.isoformat()
        else:
            planned_for = self.planned_for

        remarks: list[str] | Unset = UNSET
        if not isinstance(self.remarks, Unset):
            remarks = self.remarks

        requirements: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.requirements, Unset):
            requirements = []
            for requirements_item_data in self.requirements:
                requirements_item = requirements_item_data.to_dict()
                requirements.append(requirements_item)

        resource_group = self.resource_group

        resource_type = self.resource_type

        section = self.section

        severity: str | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = self.severity.value

        state = self.state

        subject = self.subject

        subject_name = self.subject_name

        title = self.title

        unit_name = self.unit_name

        unit_read: None | str | Unset
        if isinstance(self.unit_read, Unset):
            unit_read = UNSET
        else:
            unit_read = self.unit_read

        verdict: str | Unset = UNSET
        if not isinstance(self.verdict, Unset):
            verdict = self.verdict.value

        verdict_since: str | Unset = UNSET
        if not isinstance(self.verdict_since, Unset):
            verdict_since = self.verdict_since.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if acknowledged_by is not UNSET:
            field_dict["acknowledged_by"] = acknowledged_by
        if attested_until is not UNSET:
            field_dict["attested_until"] = attested_until
        if control is not UNSET:
            field_dict["control"] = control
        if due is not UNSET:
            field_dict["due"] = due
        if evidence is not UNSET:
            field_dict["evidence"] = evidence
        if exception is not UNSET:
            field_dict["exception"] = exception
        if exception_until is not UNSET:
            field_dict["exception_until"] = exception_until
        if expected is not UNSET:
            field_dict["expected"] = expected
        if failing_since is not UNSET:
            field_dict["failing_since"] = failing_since
        if first_seen is not UNSET:
            field_dict["first_seen"] = first_seen
        if fix is not UNSET:
            field_dict["fix"] = fix
        if found is not UNSET:
            field_dict["found"] = found
        if id is not UNSET:
            field_dict["id"] = id
        if known_with is not UNSET:
            field_dict["known_with"] = known_with
        if observed is not UNSET:
            field_dict["observed"] = observed
        if owner is not UNSET:
            field_dict["owner"] = owner
        if owner_email is not UNSET:
            field_dict["owner_email"] = owner_email
        if plan is not UNSET:
            field_dict["plan"] = plan
        if planned_for is not UNSET:
            field_dict["planned_for"] = planned_for
        if remarks is not UNSET:
            field_dict["remarks"] = remarks
        if requirements is not UNSET:
            field_dict["requirements"] = requirements
        if resource_group is not UNSET:
            field_dict["resource_group"] = resource_group
        if resource_type is not UNSET:
            field_dict["resource_type"] = resource_type
        if section is not UNSET:
            field_dict["section"] = section
        if severity is not UNSET:
            field_dict["severity"] = severity
        if state is not UNSET:
            field_dict["state"] = state
        if subject is not UNSET:
            field_dict["subject"] = subject
        if subject_name is not UNSET:
            field_dict["subject_name"] = subject_name
        if title is not UNSET:
            field_dict["title"] = title
        if unit_name is not UNSET:
            field_dict["unit_name"] = unit_name
        if unit_read is not UNSET:
            field_dict["unit_read"] = unit_read
        if verdict is not UNSET:
            field_dict["verdict"] = verdict
        if verdict_since is not UNSET:
            field_dict["verdict_since"] = verdict_since

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.requirement import Requirement

        d = dict(src_dict)

        def _parse_acknowledged_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        acknowledged_by = _parse_acknowledged_by(d.pop("acknowledged_by", UNSET))

        def _parse_attested_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                attested_until_type_0 = datetime.datetime.fromisoformat(data)

                return attested_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        attested_until = _parse_attested_until(d.pop("attested_until", UNSET))

        control = d.pop("control", UNSET)

        def _parse_due(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_type_0 = datetime.datetime.fromisoformat(data)

                return due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        due = _parse_due(d.pop("due", UNSET))

        evidence = cast(list[str], d.pop("evidence", UNSET))

        def _parse_exception(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        exception = _parse_exception(d.pop("exception", UNSET))

        def _parse_exception_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                exception_until_type_0 = datetime.datetime.fromisoformat(data)

                return exception_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        exception_until = _parse_exception_until(d.pop("exception_until", UNSET))

        expected = d.pop("expected", UNSET)

        def _parse_failing_since(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failing_since_type_0 = datetime.datetime.fromisoformat(data)

                return failing_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        failing_since = _parse_failing_since(d.pop("failing_since", UNSET))

        _first_seen = d.pop("first_seen", UNSET)
        first_seen: datetime.datetime | Unset
        if isinstance(_first_seen, Unset):
            first_seen = UNSET
        else:
            first_seen = datetime.datetime.fromisoformat(_first_seen)

        def _parse_fix(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        fix = _parse_fix(d.pop("fix", UNSET))

        found = d.pop("found", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        def _parse_known_with(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        known_with = _parse_known_with(d.pop("known_with", UNSET))

        observed = d.pop("observed", UNSET)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        def _parse_owner_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner_email = _parse_owner_email(d.pop("owner_email", UNSET))

        def _parse_plan(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        plan = _parse_plan(d.pop("plan", UNSET))

        def _parse_planned_for(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                planned_for_type_0 = datetime.date.fromisoformat(data)

                return planned_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        planned_for = _parse_planned_for(d.pop("planned_for", UNSET))

        remarks = cast(list[str], d.pop("remarks", UNSET))

        _requirements = d.pop("requirements", UNSET)
        requirements: list[Requirement] | Unset = UNSET
        if _requirements is not UNSET:
            requirements = []
            for requirements_item_data in _requirements:
                requirements_item = Requirement.from_dict(requirements_item_data)

                requirements.append(requirements_item)

        resource_group = d.pop("resource_group", UNSET)

        resource_type = d.pop("resource_type", UNSET)

        section = d.pop("section", UNSET)

        _severity = d.pop("severity", UNSET)
        severity: SeverityEnum | Unset
        if isinstance(_severity, Unset):
            severity = UNSET
        else:
            severity = SeverityEnum(_severity)

        state = d.pop("state", UNSET)

        subject = d.pop("subject", UNSET)

        subject_name = d.pop("subject_name", UNSET)

        title = d.pop("title", UNSET)

        unit_name = d.pop("unit_name", UNSET)

        def _parse_unit_read(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        unit_read = _parse_unit_read(d.pop("unit_read", UNSET))

        _verdict = d.pop("verdict", UNSET)
        verdict: VerdictEnum | Unset
        if isinstance(_verdict, Unset):
            verdict = UNSET
        else:
            verdict = VerdictEnum(_verdict)

        _verdict_since = d.pop("verdict_since", UNSET)
        verdict_since: datetime.datetime | Unset
        if isinstance(_verdict_since, Unset):
            verdict_since = UNSET
        else:
            verdict_since = datetime.datetime.fromisoformat(_verdict_since)

        finding_fields = cls(
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

        finding_fields.additional_properties = d
        return finding_fields

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

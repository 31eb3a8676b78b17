from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_enum import ActionEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.acknowledge_request import AcknowledgeRequest
    from ..models.attest_request import AttestRequest
    from ..models.exception_terms_request import ExceptionTermsRequest
    from ..models.finding_filters_request import FindingFiltersRequest
    from ..models.owner_request import OwnerRequest


T = TypeVar("T", bound="StartBulkJobRequest")


@_attrs_define
class StartBulkJobRequest:
    """An action, and the findings to which it applies, given either as ids or as filters. If the action needs values,
    they are in the field with the name of the action.

        Attributes:
            action (ActionEnum):
            acknowledge (AcknowledgeRequest | Unset): The plan for correcting the failure, and the planned day.
            assign (OwnerRequest | Unset): The person who should correct the failure.
            attest (AttestRequest | Unset): An answer to a manual control.
            expected_count (int | Unset): The number of findings that the program expects. If the number of matching
                findings is different, nothing is started
            filters (FindingFiltersRequest | Unset): The filters of the list of findings. A finding must match all given
                filters. An empty object selects all findings
                that are not gone.
            findings (list[UUID] | Unset): Ids of findings
            request_exception (ExceptionTermsRequest | Unset): The reason and the period of an exception.
            seen_digest (str | Unset): For `attest`, required to start: the `seen_digest` of the preview. If the findings or
                their observed values have changed since the preview, nothing is started
    """

    action: ActionEnum
    acknowledge: AcknowledgeRequest | Unset = UNSET
    assign: OwnerRequest | Unset = UNSET
    attest: AttestRequest | Unset = UNSET
    expected_count: int | Unset = UNSET
    filters: FindingFiltersRequest | Unset = UNSET
    findings: list[UUID] | Unset = UNSET
    request_exception: ExceptionTermsRequest | Unset = UNSET
    seen_digest: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        acknowledge: dict[str, Any] | Unset = UNSET
        if not isinstance(self.acknowledge, Unset):
            acknowledge = self.acknowledge.to_dict()

        assign: dict[str, Any] | Unset = UNSET
        if not isinstance(self.assign, Unset):
            assign = self.assign.to_dict()

        attest: dict[str, Any] | Unset = UNSET
        if not isinstance(self.attest, Unset):
            attest = self.attest.to_dict()

        expected_count = self.expected_count

        filters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filters, Unset):
            filters = self.filters.to_dict()

        findings: list[str] | Unset = UNSET
        if not isinstance(self.findings, Unset):
            findings = []
            for findings_item_data in self.findings:
                findings_item = str(findings_item_data)
                findings.append(findings_item)

        request_exception: dict[str, Any] | Unset = UNSET
        if not isinstance(self.request_exception, Unset):
            request_exception = self.request_exception.to_dict()

        seen_digest = self.seen_digest

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
            }
        )
        if acknowledge is not UNSET:
            field_dict["acknowledge"] = acknowledge
        if assign is not UNSET:
            field_dict["assign"] = assign
        if attest is not UNSET:
            field_dict["attest"] = attest
        if expected_count is not UNSET:
            field_dict["expected_count"] = expected_count
        if filters is not UNSET:
            field_dict["filters"] = filters
        if findings is not UNSET:
            field_dict["findings"] = findings
        if request_exception is not UNSET:
            field_dict["request_exception"] = request_exception
        if seen_digest is not UNSET:
            field_dict["seen_digest"] = seen_digest

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.acknowledge_request import AcknowledgeRequest
        from ..models.attest_request import AttestRequest
        from ..models.exception_terms_request import ExceptionTermsRequest
        from ..models.finding_filters_request import FindingFiltersRequest
        from ..models.owner_request import OwnerRequest

        d = dict(src_dict)
        action = ActionEnum(d.pop("action"))

        _acknowledge = d.pop("acknowledge", UNSET)
        acknowledge: AcknowledgeRequest | Unset
        if isinstance(_acknowledge, Unset):
            acknowledge = UNSET
        else:
            acknowledge = AcknowledgeRequest.from_dict(_acknowledge)

        _assign = d.pop("assign", UNSET)
        assign: OwnerRequest | Unset
        if isinstance(_assign, Unset):
            assign = UNSET
        else:
            assign = OwnerRequest.from_dict(_assign)

        _attest = d.pop("attest", UNSET)
        attest: AttestRequest | Unset
        if isinstance(_attest, Unset):
            attest = UNSET
        else:
            attest = AttestRequest.from_dict(_attest)

        expected_count = d.pop("expected_count", UNSET)

        _filters = d.pop("filters", UNSET)
        filters: FindingFiltersRequest | Unset
        if isinstance(_filters, Unset):
            filters = UNSET
        else:
            filters = FindingFiltersRequest.from_dict(_filters)

        _findings = d.pop("findings", UNSET)
        findings: list[UUID] | Unset = UNSET
        if _findings is not UNSET:
            findings = []
            for findings_item_data in _findings:
                findings_item = UUID(findings_item_data)

                findings.append(findings_item)

        _request_exception = d.pop("request_exception", UNSET)
        request_exception: ExceptionTermsRequest | Unset
        if isinstance(_request_exception, Unset):
            request_exception = UNSET
        else:
            request_exception = ExceptionTermsRequest.from_dict(_request_exception)

        seen_digest = d.pop("seen_digest", UNSET)

        start_bulk_job_request = cls(
            action=action,
            acknowledge=acknowledge,
            assign=assign,
            attest=attest,
            expected_count=expected_count,
            filters=filters,
            findings=findings,
            request_exception=request_exception,
            seen_digest=seen_digest,
        )

        start_bulk_job_request.additional_properties = d
        return start_bulk_job_request

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

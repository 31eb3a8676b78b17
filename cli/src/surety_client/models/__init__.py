"""Contains all the data models used in inputs/outputs"""

from .acknowledge_request import AcknowledgeRequest
from .action_enum import ActionEnum
from .add_channel_request import AddChannelRequest
from .add_service_principal_cloud_enum import AddServicePrincipalCloudEnum
from .add_service_principal_request import AddServicePrincipalRequest
from .add_ticket_rule_request import AddTicketRuleRequest
from .add_ticket_system_request import AddTicketSystemRequest
from .add_ticket_system_request_credentials import AddTicketSystemRequestCredentials
from .add_ticket_system_request_values import AddTicketSystemRequestValues
from .added_channel import AddedChannel
from .age_enum import AgeEnum
from .answer import Answer
from .approval import Approval
from .approve_request import ApproveRequest
from .assessment import Assessment
from .assessment_page import AssessmentPage
from .assessment_state_enum import AssessmentStateEnum
from .attest_request import AttestRequest
from .attestation import Attestation
from .attestation_page import AttestationPage
from .blank_enum import BlankEnum
from .build_request import BuildRequest
from .bulk_job import BulkJob
from .bulk_job_page import BulkJobPage
from .bulk_job_parameters import BulkJobParameters
from .bulk_job_preview import BulkJobPreview
from .bulk_job_result import BulkJobResult
from .bulk_job_result_page import BulkJobResultPage
from .bulk_job_result_state_enum import BulkJobResultStateEnum
from .bulk_job_state_enum import BulkJobStateEnum
from .candidate import Candidate
from .capabilities_enum import CapabilitiesEnum
from .change import Change
from .change_channel_request import ChangeChannelRequest
from .change_customer_request import ChangeCustomerRequest
from .change_kind_enum import ChangeKindEnum
from .change_page import ChangePage
from .change_policy_request import ChangePolicyRequest
from .change_role_request import ChangeRoleRequest
from .change_ticket_rule_request import ChangeTicketRuleRequest
from .change_ticket_system_request import ChangeTicketSystemRequest
from .change_ticket_system_request_credentials import (
    ChangeTicketSystemRequestCredentials,
)
from .change_ticket_system_request_values import ChangeTicketSystemRequestValues
from .channel import Channel
from .channel_kind_enum import ChannelKindEnum
from .channel_page import ChannelPage
from .checking_control import CheckingControl
from .client_secret import ClientSecret
from .client_secret_page import ClientSecretPage
from .confirmation_enum import ConfirmationEnum
from .control import Control
from .control_page import ControlPage
from .coverage_enum import CoverageEnum
from .credential_request import CredentialRequest
from .customer import Customer
from .customer_framework import CustomerFramework
from .customer_framework_page import CustomerFrameworkPage
from .customer_framework_results import CustomerFrameworkResults
from .customer_page import CustomerPage
from .customer_project import CustomerProject
from .customer_project_page import CustomerProjectPage
from .difference import Difference
from .directory import Directory
from .directory_page import DirectoryPage
from .due_days_request import DueDaysRequest
from .due_enum import DueEnum
from .endpoints_request import EndpointsRequest
from .equivalent import Equivalent
from .event import Event
from .event_customer import EventCustomer
from .event_data import EventData
from .event_feed import EventFeed
from .events_enum import EventsEnum
from .exception_terms_request import ExceptionTermsRequest
from .excess import Excess
from .exclude_request import ExcludeRequest
from .failed_ticket import FailedTicket
from .failed_ticket_page import FailedTicketPage
from .finding import Finding
from .finding_exception import FindingException
from .finding_exception_page import FindingExceptionPage
from .finding_exception_rule import FindingExceptionRule
from .finding_exception_state_enum import FindingExceptionStateEnum
from .finding_filters_request import FindingFiltersRequest
from .finding_filters_state_enum import FindingFiltersStateEnum
from .finding_page import FindingPage
from .framework import Framework
from .framework_enum import FrameworkEnum
from .framework_page import FrameworkPage
from .framework_requirement import FrameworkRequirement
from .framework_requirement_page import FrameworkRequirementPage
from .invitation import Invitation
from .invitation_page import InvitationPage
from .invite_request import InviteRequest
from .journal_entry import JournalEntry
from .journal_entry_kind_enum import JournalEntryKindEnum
from .journal_entry_page import JournalEntryPage
from .language_enum import LanguageEnum
from .last_outcome_enum import LastOutcomeEnum
from .list_attestations_answer_item import ListAttestationsAnswerItem
from .list_attestations_owner_item import ListAttestationsOwnerItem
from .list_bulk_job_results_state_item import ListBulkJobResultsStateItem
from .list_bulk_jobs_state_item import ListBulkJobsStateItem
from .list_changes_approved_item import ListChangesApprovedItem
from .list_changes_days_item import ListChangesDaysItem
from .list_changes_kind_item import ListChangesKindItem
from .list_changes_severity_item import ListChangesSeverityItem
from .list_changes_state_item import ListChangesStateItem
from .list_exceptions_ending_item import ListExceptionsEndingItem
from .list_exceptions_state_item import ListExceptionsStateItem
from .list_findings_age_item import ListFindingsAgeItem
from .list_findings_due_item import ListFindingsDueItem
from .list_findings_section_item import ListFindingsSectionItem
from .list_findings_severity_item import ListFindingsSeverityItem
from .list_findings_state_item import ListFindingsStateItem
from .list_findings_verdict_item import ListFindingsVerdictItem
from .list_journal_kind_item import ListJournalKindItem
from .list_requirement_results_coverage_item import ListRequirementResultsCoverageItem
from .list_requirement_results_result_item import ListRequirementResultsResultItem
from .list_requirements_coverage_item import ListRequirementsCoverageItem
from .list_resources_approval_item import ListResourcesApprovalItem
from .list_resources_findings_item import ListResourcesFindingsItem
from .list_resources_state_item import ListResourcesStateItem
from .list_tickets_kind_item import ListTicketsKindItem
from .list_tickets_state_item import ListTicketsStateItem
from .member import Member
from .member_page import MemberPage
from .missing import Missing
from .moved_verdict import MovedVerdict
from .note_request import NoteRequest
from .organization import Organization
from .organization_page import OrganizationPage
from .owner_request import OwnerRequest
from .paper_enum import PaperEnum
from .parameter import Parameter
from .per_enum import PerEnum
from .person import Person
from .policy import Policy
from .policy_due_days import PolicyDueDays
from .preflight import Preflight
from .preflight_state_enum import PreflightStateEnum
from .problem import Problem
from .problem_errors_item import ProblemErrorsItem
from .profile_request import ProfileRequest
from .readiness import Readiness
from .reason_enum import ReasonEnum
from .register_cloud_enum import RegisterCloudEnum
from .register_request import RegisterRequest
from .report import Report
from .report_kind_enum import ReportKindEnum
from .report_page import ReportPage
from .report_state_enum import ReportStateEnum
from .request_request import RequestRequest
from .request_request_rule import RequestRequestRule
from .requirement import Requirement
from .requirement_result import RequirementResult
from .requirement_result_findings import RequirementResultFindings
from .requirement_result_page import RequirementResultPage
from .resource import Resource
from .resource_open_findings import ResourceOpenFindings
from .resource_page import ResourcePage
from .resource_tags import ResourceTags
from .result_enum import ResultEnum
from .returned_because_enum import ReturnedBecauseEnum
from .review_enum import ReviewEnum
from .review_period_request import ReviewPeriodRequest
from .role_enum import RoleEnum
from .rotate_request import RotateRequest
from .schedule import Schedule
from .scope_enum import ScopeEnum
from .secret import Secret
from .section_enum import SectionEnum
from .service_account import ServiceAccount
from .service_account_page import ServiceAccountPage
from .service_principal import ServicePrincipal
from .service_principal_kind_enum import ServicePrincipalKindEnum
from .service_principal_page import ServicePrincipalPage
from .set_project_request import SetProjectRequest
from .set_schedule_request import SetScheduleRequest
from .severity_enum import SeverityEnum
from .sign_in import SignIn
from .sign_in_state_enum import SignInStateEnum
from .situation_enum import SituationEnum
from .standing_enum import StandingEnum
from .start_bulk_job_request import StartBulkJobRequest
from .subscription import Subscription
from .subscription_management_groups_item import SubscriptionManagementGroupsItem
from .subscription_page import SubscriptionPage
from .subscription_tags import SubscriptionTags
from .switch_request import SwitchRequest
from .switched_off import SwitchedOff
from .ticket import Ticket
from .ticket_comment import TicketComment
from .ticket_detail import TicketDetail
from .ticket_page import TicketPage
from .ticket_rule import TicketRule
from .ticket_rule_page import TicketRulePage
from .ticket_state_enum import TicketStateEnum
from .ticket_system import TicketSystem
from .ticket_system_kind_enum import TicketSystemKindEnum
from .ticket_system_page import TicketSystemPage
from .ticket_system_status import TicketSystemStatus
from .ticket_system_values import TicketSystemValues
from .token import Token
from .trigger_enum import TriggerEnum
from .values_request import ValuesRequest
from .values_request_values import ValuesRequestValues
from .verdict_enum import VerdictEnum

__all__ = (
    "AcknowledgeRequest",
    "ActionEnum",
    "AddChannelRequest",
    "AddServicePrincipalCloudEnum",
    "AddServicePrincipalRequest",
    "AddTicketRuleRequest",
    "AddTicketSystemRequest",
    "AddTicketSystemRequestCredentials",
    "AddTicketSystemRequestValues",
    "AddedChannel",
    "AgeEnum",
    "Answer",
    "Approval",
    "ApproveRequest",
    "Assessment",
    "AssessmentPage",
    "AssessmentStateEnum",
    "AttestRequest",
    "Attestation",
    "AttestationPage",
    "BlankEnum",
    "BuildRequest",
    "BulkJob",
    "BulkJobPage",
    "BulkJobParameters",
    "BulkJobPreview",
    "BulkJobResult",
    "BulkJobResultPage",
    "BulkJobResultStateEnum",
    "BulkJobStateEnum",
    "Candidate",
    "CapabilitiesEnum",
    "Change",
    "ChangeChannelRequest",
    "ChangeCustomerRequest",
    "ChangeKindEnum",
    "ChangePage",
    "ChangePolicyRequest",
    "ChangeRoleRequest",
    "ChangeTicketRuleRequest",
    "ChangeTicketSystemRequest",
    "ChangeTicketSystemRequestCredentials",
    "ChangeTicketSystemRequestValues",
    "Channel",
    "ChannelKindEnum",
    "ChannelPage",
    "CheckingControl",
    "ClientSecret",
    "ClientSecretPage",
    "ConfirmationEnum",
    "Control",
    "ControlPage",
    "CoverageEnum",
    "CredentialRequest",
    "Customer",
    "CustomerFramework",
    "CustomerFrameworkPage",
    "CustomerFrameworkResults",
    "CustomerPage",
    "CustomerProject",
    "CustomerProjectPage",
    "Difference",
    "Directory",
    "DirectoryPage",
    "DueDaysRequest",
    "DueEnum",
    "EndpointsRequest",
    "Equivalent",
    "Event",
    "EventCustomer",
    "EventData",
    "EventFeed",
    "EventsEnum",
    "ExceptionTermsRequest",
    "Excess",
    "ExcludeRequest",
    "FailedTicket",
    "FailedTicketPage",
    "Finding",
    "FindingException",
    "FindingExceptionPage",
    "FindingExceptionRule",
    "FindingExceptionStateEnum",
    "FindingFiltersRequest",
    "FindingFiltersStateEnum",
    "FindingPage",
    "Framework",
    "FrameworkEnum",
    "FrameworkPage",
    "FrameworkRequirement",
    "FrameworkRequirementPage",
    "Invitation",
    "InvitationPage",
    "InviteRequest",
    "JournalEntry",
    "JournalEntryKindEnum",
    "JournalEntryPage",
    "LanguageEnum",
    "LastOutcomeEnum",
    "ListAttestationsAnswerItem",
    "ListAttestationsOwnerItem",
    "ListBulkJobResultsStateItem",
    "ListBulkJobsStateItem",
    "ListChangesApprovedItem",
    "ListChangesDaysItem",
    "ListChangesKindItem",
    "ListChangesSeverityItem",
    "ListChangesStateItem",
    "ListExceptionsEndingItem",
    "ListExceptionsStateItem",
    "ListFindingsAgeItem",
    "ListFindingsDueItem",
    "ListFindingsSectionItem",
    "ListFindingsSeverityItem",
    "ListFindingsStateItem",
    "ListFindingsVerdictItem",
    "ListJournalKindItem",
    "ListRequirementResultsCoverageItem",
    "ListRequirementResultsResultItem",
    "ListRequirementsCoverageItem",
    "ListResourcesApprovalItem",
    "ListResourcesFindingsItem",
    "ListResourcesStateItem",
    "ListTicketsKindItem",
    "ListTicketsStateItem",
    "Member",
    "MemberPage",
    "Missing",
    "MovedVerdict",
    "NoteRequest",
    "Organization",
    "OrganizationPage",
    "OwnerRequest",
    "PaperEnum",
    "Parameter",
    "PerEnum",
    "Person",
    "Policy",
    "PolicyDueDays",
    "Preflight",
    "PreflightStateEnum",
    "Problem",
    "ProblemErrorsItem",
    "ProfileRequest",
    "Readiness",
    "ReasonEnum",
    "RegisterCloudEnum",
    "RegisterRequest",
    "Report",
    "ReportKindEnum",
    "ReportPage",
    "ReportStateEnum",
    "RequestRequest",
    "RequestRequestRule",
    "Requirement",
    "RequirementResult",
    "RequirementResultFindings",
    "RequirementResultPage",
    "Resource",
    "ResourceOpenFindings",
    "ResourcePage",
    "ResourceTags",
    "ResultEnum",
    "ReturnedBecauseEnum",
    "ReviewEnum",
    "ReviewPeriodRequest",
    "RoleEnum",
    "RotateRequest",
    "Schedule",
    "ScopeEnum",
    "Secret",
    "SectionEnum",
    "ServiceAccount",
    "ServiceAccountPage",
    "ServicePrincipal",
    "ServicePrincipalKindEnum",
    "ServicePrincipalPage",
    "SetProjectRequest",
    "SetScheduleRequest",
    "SeverityEnum",
    "SignIn",
    "SignInStateEnum",
    "SituationEnum",
    "StandingEnum",
    "StartBulkJobRequest",
    "Subscription",
    "SubscriptionManagementGroupsItem",
    "SubscriptionPage",
    "SubscriptionTags",
    "SwitchRequest",
    "SwitchedOff",
    "Ticket",
    "TicketComment",
    "TicketDetail",
    "TicketPage",
    "TicketRule",
    "TicketRulePage",
    "TicketStateEnum",
    "TicketSystem",
    "TicketSystemKindEnum",
    "TicketSystemPage",
    "TicketSystemStatus",
    "TicketSystemValues",
    "Token",
    "TriggerEnum",
    "ValuesRequest",
    "ValuesRequestValues",
    "VerdictEnum",
)

"""Contains all the data models used in inputs/outputs"""

from .acknowledge_request import AcknowledgeRequest
from .action_enum import ActionEnum
from .add_baseline_request import AddBaselineRequest
from .add_baseline_request_due_days import AddBaselineRequestDueDays
from .add_baseline_request_retention import AddBaselineRequestRetention
from .add_channel_request import AddChannelRequest
from .add_comment_request import AddCommentRequest
from .add_exception_comment_request import AddExceptionCommentRequest
from .add_exclusion_rule_request import AddExclusionRuleRequest
from .add_managing_principal_request import AddManagingPrincipalRequest
from .add_organization_schedule_request import AddOrganizationScheduleRequest
from .add_owner_rule_request import AddOwnerRuleRequest
from .add_schedule_request import AddScheduleRequest
from .add_service_principal_cloud_enum import AddServicePrincipalCloudEnum
from .add_service_principal_request import AddServicePrincipalRequest
from .add_ticket_rule_request import AddTicketRuleRequest
from .add_ticket_system_request import AddTicketSystemRequest
from .add_ticket_system_request_credentials import AddTicketSystemRequestCredentials
from .add_ticket_system_request_values import AddTicketSystemRequestValues
from .add_watch_rule_request import AddWatchRuleRequest
from .added_channel import AddedChannel
from .age_enum import AgeEnum
from .answer import Answer
from .applied_baseline import AppliedBaseline
from .applied_owner_rules import AppliedOwnerRules
from .apply_baseline_request import ApplyBaselineRequest
from .approval import Approval
from .approve_configuration_request import ApproveConfigurationRequest
from .approve_request import ApproveRequest
from .assessment import Assessment
from .assessment_fields import AssessmentFields
from .assessment_page import AssessmentPage
from .assessment_state_enum import AssessmentStateEnum
from .assign_subscription_request import AssignSubscriptionRequest
from .attest_request import AttestRequest
from .attestation import Attestation
from .attestation_fields import AttestationFields
from .attestation_page import AttestationPage
from .baseline import Baseline
from .baseline_channel import BaselineChannel
from .baseline_deviation_page import BaselineDeviationPage
from .baseline_due_days import BaselineDueDays
from .baseline_fields import BaselineFields
from .baseline_fields_due_days import BaselineFieldsDueDays
from .baseline_fields_parameters import BaselineFieldsParameters
from .baseline_fields_parameters_additional_property import (
    BaselineFieldsParametersAdditionalProperty,
)
from .baseline_fields_retention import BaselineFieldsRetention
from .baseline_owner_rule import BaselineOwnerRule
from .baseline_page import BaselinePage
from .baseline_parameters import BaselineParameters
from .baseline_parameters_additional_property import (
    BaselineParametersAdditionalProperty,
)
from .baseline_parameters_request import BaselineParametersRequest
from .baseline_parameters_request_values_type_0 import (
    BaselineParametersRequestValuesType0,
)
from .baseline_part_request import BaselinePartRequest
from .baseline_profile import BaselineProfile
from .baseline_retention import BaselineRetention
from .baseline_shipped_rule import BaselineShippedRule
from .baseline_watch_rule import BaselineWatchRule
from .baseline_with_secret import BaselineWithSecret
from .baseline_with_secret_due_days import BaselineWithSecretDueDays
from .baseline_with_secret_parameters import BaselineWithSecretParameters
from .baseline_with_secret_parameters_additional_property import (
    BaselineWithSecretParametersAdditionalProperty,
)
from .baseline_with_secret_retention import BaselineWithSecretRetention
from .blank_enum import BlankEnum
from .build_portfolio_request import BuildPortfolioRequest
from .build_request import BuildRequest
from .bulk_job import BulkJob
from .bulk_job_fields import BulkJobFields
from .bulk_job_fields_parameters import BulkJobFieldsParameters
from .bulk_job_page import BulkJobPage
from .bulk_job_parameters import BulkJobParameters
from .bulk_job_preview import BulkJobPreview
from .bulk_job_result import BulkJobResult
from .bulk_job_result_fields import BulkJobResultFields
from .bulk_job_result_page import BulkJobResultPage
from .bulk_job_result_state_enum import BulkJobResultStateEnum
from .bulk_job_state_enum import BulkJobStateEnum
from .campaign import Campaign
from .campaign_customer import CampaignCustomer
from .campaign_fields import CampaignFields
from .campaign_page import CampaignPage
from .candidate import Candidate
from .capabilities_enum import CapabilitiesEnum
from .change import Change
from .change_baseline_request import ChangeBaselineRequest
from .change_baseline_request_due_days import ChangeBaselineRequestDueDays
from .change_baseline_request_retention import ChangeBaselineRequestRetention
from .change_campaign_request import ChangeCampaignRequest
from .change_channel_request import ChangeChannelRequest
from .change_comment_request import ChangeCommentRequest
from .change_customer_request import ChangeCustomerRequest
from .change_exclusion_rule_request import ChangeExclusionRuleRequest
from .change_fields import ChangeFields
from .change_kind_enum import ChangeKindEnum
from .change_organization_schedule_request import ChangeOrganizationScheduleRequest
from .change_owner_rule_request import ChangeOwnerRuleRequest
from .change_page import ChangePage
from .change_policy_request import ChangePolicyRequest
from .change_role_request import ChangeRoleRequest
from .change_schedule_request import ChangeScheduleRequest
from .change_ticket_rule_request import ChangeTicketRuleRequest
from .change_ticket_system_request import ChangeTicketSystemRequest
from .change_ticket_system_request_credentials import (
    ChangeTicketSystemRequestCredentials,
)
from .change_ticket_system_request_values import ChangeTicketSystemRequestValues
from .change_watch_rule_request import ChangeWatchRuleRequest
from .channel import Channel
from .channel_fields import ChannelFields
from .channel_kind_enum import ChannelKindEnum
from .channel_page import ChannelPage
from .check_state_enum import CheckStateEnum
from .checking_control import CheckingControl
from .client_secret import ClientSecret
from .client_secret_fields import ClientSecretFields
from .client_secret_page import ClientSecretPage
from .comment import Comment
from .comment_fields import CommentFields
from .comment_page import CommentPage
from .confirmation_enum import ConfirmationEnum
from .control import Control
from .control_fields import ControlFields
from .control_page import ControlPage
from .coverage_enum import CoverageEnum
from .credential_request import CredentialRequest
from .customer import Customer
from .customer_fields import CustomerFields
from .customer_figures import CustomerFigures
from .customer_figures_fields import CustomerFiguresFields
from .customer_figures_page import CustomerFiguresPage
from .customer_framework import CustomerFramework
from .customer_framework_fields import CustomerFrameworkFields
from .customer_framework_fields_results import CustomerFrameworkFieldsResults
from .customer_framework_page import CustomerFrameworkPage
from .customer_framework_results import CustomerFrameworkResults
from .customer_page import CustomerPage
from .customer_project import CustomerProject
from .customer_project_fields import CustomerProjectFields
from .customer_project_page import CustomerProjectPage
from .decision_enum import DecisionEnum
from .default_schedule import DefaultSchedule
from .delegation import Delegation
from .delegation_fields import DelegationFields
from .delegation_page import DelegationPage
from .delete_scan_request import DeleteScanRequest
from .deleted_report import DeletedReport
from .deleted_report_fields import DeletedReportFields
from .deleted_report_page import DeletedReportPage
from .deviating_setting_request import DeviatingSettingRequest
from .deviation import Deviation
from .deviation_fields import DeviationFields
from .difference import Difference
from .directory import Directory
from .directory_fields import DirectoryFields
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
from .exception_comment import ExceptionComment
from .exception_comment_fields import ExceptionCommentFields
from .exception_comment_page import ExceptionCommentPage
from .exception_terms_request import ExceptionTermsRequest
from .excess import Excess
from .exclude_request import ExcludeRequest
from .exclude_subscriptions_request import ExcludeSubscriptionsRequest
from .exclusion_conditions_request import ExclusionConditionsRequest
from .exclusion_preview import ExclusionPreview
from .exclusion_rule import ExclusionRule
from .exclusion_rule_fields import ExclusionRuleFields
from .exclusion_rule_page import ExclusionRulePage
from .failed_mail import FailedMail
from .failed_mail_fields import FailedMailFields
from .failed_mail_page import FailedMailPage
from .failed_post import FailedPost
from .failed_post_fields import FailedPostFields
from .failed_post_page import FailedPostPage
from .failed_ticket import FailedTicket
from .failed_ticket_fields import FailedTicketFields
from .failed_ticket_page import FailedTicketPage
from .finding import Finding
from .finding_check import FindingCheck
from .finding_exception import FindingException
from .finding_exception_fields import FindingExceptionFields
from .finding_exception_fields_rule import FindingExceptionFieldsRule
from .finding_exception_page import FindingExceptionPage
from .finding_exception_rule import FindingExceptionRule
from .finding_exception_state_enum import FindingExceptionStateEnum
from .finding_fields import FindingFields
from .finding_filters_request import FindingFiltersRequest
from .finding_filters_state_enum import FindingFiltersStateEnum
from .finding_page import FindingPage
from .foreign_subscription import ForeignSubscription
from .foreign_subscription_fields import ForeignSubscriptionFields
from .foreign_subscription_page import ForeignSubscriptionPage
from .framework import Framework
from .framework_enum import FrameworkEnum
from .framework_fields import FrameworkFields
from .framework_page import FrameworkPage
from .framework_requirement import FrameworkRequirement
from .framework_requirement_fields import FrameworkRequirementFields
from .framework_requirement_page import FrameworkRequirementPage
from .import_mute_list_request import ImportMuteListRequest
from .invitation import Invitation
from .invitation_fields import InvitationFields
from .invitation_page import InvitationPage
from .invite_request import InviteRequest
from .journal_entry import JournalEntry
from .journal_entry_fields import JournalEntryFields
from .journal_entry_kind_enum import JournalEntryKindEnum
from .journal_entry_page import JournalEntryPage
from .language_enum import LanguageEnum
from .last_outcome_enum import LastOutcomeEnum
from .list_assessments_fields_item import ListAssessmentsFieldsItem
from .list_attestations_answer_item import ListAttestationsAnswerItem
from .list_attestations_fields_item import ListAttestationsFieldsItem
from .list_attestations_owner_item import ListAttestationsOwnerItem
from .list_baseline_deviations_fields_item import ListBaselineDeviationsFieldsItem
from .list_baselines_fields_item import ListBaselinesFieldsItem
from .list_bulk_job_results_fields_item import ListBulkJobResultsFieldsItem
from .list_bulk_job_results_state_item import ListBulkJobResultsStateItem
from .list_bulk_jobs_fields_item import ListBulkJobsFieldsItem
from .list_bulk_jobs_state_item import ListBulkJobsStateItem
from .list_campaigns_fields_item import ListCampaignsFieldsItem
from .list_changes_approved_item import ListChangesApprovedItem
from .list_changes_days_item import ListChangesDaysItem
from .list_changes_fields_item import ListChangesFieldsItem
from .list_changes_kind_item import ListChangesKindItem
from .list_changes_severity_item import ListChangesSeverityItem
from .list_changes_state_item import ListChangesStateItem
from .list_channels_fields_item import ListChannelsFieldsItem
from .list_client_secrets_fields_item import ListClientSecretsFieldsItem
from .list_comments_fields_item import ListCommentsFieldsItem
from .list_controls_fields_item import ListControlsFieldsItem
from .list_customer_figures_fields_item import ListCustomerFiguresFieldsItem
from .list_customer_figures_show_item import ListCustomerFiguresShowItem
from .list_customer_figures_sort import ListCustomerFiguresSort
from .list_customer_frameworks_fields_item import ListCustomerFrameworksFieldsItem
from .list_customers_fields_item import ListCustomersFieldsItem
from .list_customers_sort import ListCustomersSort
from .list_delegations_fields_item import ListDelegationsFieldsItem
from .list_deleted_reports_fields_item import ListDeletedReportsFieldsItem
from .list_directories_fields_item import ListDirectoriesFieldsItem
from .list_exception_comments_fields_item import ListExceptionCommentsFieldsItem
from .list_exceptions_ending_item import ListExceptionsEndingItem
from .list_exceptions_fields_item import ListExceptionsFieldsItem
from .list_exceptions_state_item import ListExceptionsStateItem
from .list_exclusion_rules_fields_item import ListExclusionRulesFieldsItem
from .list_failed_mails_fields_item import ListFailedMailsFieldsItem
from .list_failed_posts_fields_item import ListFailedPostsFieldsItem
from .list_failed_tickets_fields_item import ListFailedTicketsFieldsItem
from .list_findings_age_item import ListFindingsAgeItem
from .list_findings_due_item import ListFindingsDueItem
from .list_findings_fields_item import ListFindingsFieldsItem
from .list_findings_section_item import ListFindingsSectionItem
from .list_findings_severity_item import ListFindingsSeverityItem
from .list_findings_sort import ListFindingsSort
from .list_findings_state_item import ListFindingsStateItem
from .list_findings_verdict_item import ListFindingsVerdictItem
from .list_foreign_subscriptions_fields_item import ListForeignSubscriptionsFieldsItem
from .list_frameworks_fields_item import ListFrameworksFieldsItem
from .list_invitations_fields_item import ListInvitationsFieldsItem
from .list_journal_fields_item import ListJournalFieldsItem
from .list_journal_kind_item import ListJournalKindItem
from .list_managing_principals_fields_item import ListManagingPrincipalsFieldsItem
from .list_members_fields_item import ListMembersFieldsItem
from .list_organization_report_schedules_fields_item import (
    ListOrganizationReportSchedulesFieldsItem,
)
from .list_organizations_fields_item import ListOrganizationsFieldsItem
from .list_own_controls_fields_item import ListOwnControlsFieldsItem
from .list_owner_rules_fields_item import ListOwnerRulesFieldsItem
from .list_planned_changes_fields_item import ListPlannedChangesFieldsItem
from .list_portfolio_report_deliveries_fields_item import (
    ListPortfolioReportDeliveriesFieldsItem,
)
from .list_portfolio_report_links_fields_item import ListPortfolioReportLinksFieldsItem
from .list_portfolio_reports_fields_item import ListPortfolioReportsFieldsItem
from .list_report_deliveries_fields_item import ListReportDeliveriesFieldsItem
from .list_report_links_fields_item import ListReportLinksFieldsItem
from .list_report_schedules_fields_item import ListReportSchedulesFieldsItem
from .list_reports_fields_item import ListReportsFieldsItem
from .list_requirement_results_coverage_item import ListRequirementResultsCoverageItem
from .list_requirement_results_fields_item import ListRequirementResultsFieldsItem
from .list_requirement_results_result_item import ListRequirementResultsResultItem
from .list_requirements_coverage_item import ListRequirementsCoverageItem
from .list_requirements_fields_item import ListRequirementsFieldsItem
from .list_resources_approval_item import ListResourcesApprovalItem
from .list_resources_fields_item import ListResourcesFieldsItem
from .list_resources_findings_item import ListResourcesFindingsItem
from .list_resources_sort import ListResourcesSort
from .list_resources_state_item import ListResourcesStateItem
from .list_scan_entries_fields_item import ListScanEntriesFieldsItem
from .list_scan_entries_match_item import ListScanEntriesMatchItem
from .list_scan_imports_fields_item import ListScanImportsFieldsItem
from .list_service_accounts_fields_item import ListServiceAccountsFieldsItem
from .list_service_principals_fields_item import ListServicePrincipalsFieldsItem
from .list_shipped_watch_rules_fields_item import ListShippedWatchRulesFieldsItem
from .list_subscriptions_fields_item import ListSubscriptionsFieldsItem
from .list_ticket_customers_fields_item import ListTicketCustomersFieldsItem
from .list_ticket_rules_fields_item import ListTicketRulesFieldsItem
from .list_ticket_systems_fields_item import ListTicketSystemsFieldsItem
from .list_tickets_fields_item import ListTicketsFieldsItem
from .list_tickets_kind_item import ListTicketsKindItem
from .list_tickets_state_item import ListTicketsStateItem
from .list_watch_rules_fields_item import ListWatchRulesFieldsItem
from .made_portfolio_link import MadePortfolioLink
from .made_report_link import MadeReportLink
from .make_report_link_request import MakeReportLinkRequest
from .managing_principal import ManagingPrincipal
from .managing_principal_fields import ManagingPrincipalFields
from .managing_principal_page import ManagingPrincipalPage
from .member import Member
from .member_fields import MemberFields
from .member_page import MemberPage
from .missing import Missing
from .move_owner_rule_request import MoveOwnerRuleRequest
from .moved_verdict import MovedVerdict
from .mute_list import MuteList
from .mute_list_entry import MuteListEntry
from .note_request import NoteRequest
from .organization import Organization
from .organization_fields import OrganizationFields
from .organization_page import OrganizationPage
from .organization_report_schedule import OrganizationReportSchedule
from .organization_report_schedule_fields import OrganizationReportScheduleFields
from .organization_report_schedule_page import OrganizationReportSchedulePage
from .origin_enum import OriginEnum
from .own_control import OwnControl
from .own_control_fields import OwnControlFields
from .own_control_page import OwnControlPage
from .own_control_state_enum import OwnControlStateEnum
from .own_draft import OwnDraft
from .own_trial import OwnTrial
from .own_trial_outcomes import OwnTrialOutcomes
from .own_trials import OwnTrials
from .owner_request import OwnerRequest
from .owner_rule import OwnerRule
from .owner_rule_fields import OwnerRuleFields
from .owner_rule_page import OwnerRulePage
from .owner_rule_preview import OwnerRulePreview
from .paper_enum import PaperEnum
from .parameter import Parameter
from .per_enum import PerEnum
from .person import Person
from .planned_change import PlannedChange
from .planned_change_fields import PlannedChangeFields
from .planned_change_page import PlannedChangePage
from .planned_scope_request import PlannedScopeRequest
from .policy import Policy
from .policy_due_days import PolicyDueDays
from .portfolio_delivery import PortfolioDelivery
from .portfolio_delivery_fields import PortfolioDeliveryFields
from .portfolio_delivery_page import PortfolioDeliveryPage
from .portfolio_link import PortfolioLink
from .portfolio_link_fields import PortfolioLinkFields
from .portfolio_link_page import PortfolioLinkPage
from .portfolio_report import PortfolioReport
from .portfolio_report_fields import PortfolioReportFields
from .portfolio_report_page import PortfolioReportPage
from .preflight import Preflight
from .preview_owner_rule_request import PreviewOwnerRuleRequest
from .problem import Problem
from .problem_errors_item import ProblemErrorsItem
from .profile_request import ProfileRequest
from .publish_own_control_request import PublishOwnControlRequest
from .readiness import Readiness
from .reason_enum import ReasonEnum
from .refused_setting import RefusedSetting
from .register_cloud_enum import RegisterCloudEnum
from .register_request import RegisterRequest
from .report import Report
from .report_delivery import ReportDelivery
from .report_delivery_fields import ReportDeliveryFields
from .report_delivery_page import ReportDeliveryPage
from .report_delivery_state_enum import ReportDeliveryStateEnum
from .report_fields import ReportFields
from .report_kind_enum import ReportKindEnum
from .report_link import ReportLink
from .report_link_fields import ReportLinkFields
from .report_link_page import ReportLinkPage
from .report_page import ReportPage
from .report_run_state_enum import ReportRunStateEnum
from .report_schedule import ReportSchedule
from .report_schedule_fields import ReportScheduleFields
from .report_schedule_page import ReportSchedulePage
from .report_settings import ReportSettings
from .report_state_enum import ReportStateEnum
from .request_request import RequestRequest
from .request_request_rule import RequestRequestRule
from .requested import Requested
from .requirement import Requirement
from .requirement_result import RequirementResult
from .requirement_result_fields import RequirementResultFields
from .requirement_result_fields_findings import RequirementResultFieldsFindings
from .requirement_result_findings import RequirementResultFindings
from .requirement_result_page import RequirementResultPage
from .resource import Resource
from .resource_fields import ResourceFields
from .resource_fields_open_findings import ResourceFieldsOpenFindings
from .resource_fields_tags import ResourceFieldsTags
from .resource_open_findings import ResourceOpenFindings
from .resource_page import ResourcePage
from .resource_tags import ResourceTags
from .result_enum import ResultEnum
from .returned_because_enum import ReturnedBecauseEnum
from .review_enum import ReviewEnum
from .review_period_request import ReviewPeriodRequest
from .review_request import ReviewRequest
from .revoke_deleted_report_request import RevokeDeletedReportRequest
from .revoke_report_request import RevokeReportRequest
from .role_enum import RoleEnum
from .rotate_request import RotateRequest
from .rule_enum import RuleEnum
from .scan_entry import ScanEntry
from .scan_entry_counts import ScanEntryCounts
from .scan_entry_fields import ScanEntryFields
from .scan_entry_fields_counts import ScanEntryFieldsCounts
from .scan_entry_page import ScanEntryPage
from .scan_import import ScanImport
from .scan_import_counts import ScanImportCounts
from .scan_import_fields import ScanImportFields
from .scan_import_fields_counts import ScanImportFieldsCounts
from .scan_import_page import ScanImportPage
from .scanner_enum import ScannerEnum
from .schedule import Schedule
from .schedule_address import ScheduleAddress
from .schedule_run import ScheduleRun
from .scheduled_report_kind_enum import ScheduledReportKindEnum
from .scope_enum import ScopeEnum
from .secret import Secret
from .section_enum import SectionEnum
from .service_account import ServiceAccount
from .service_account_fields import ServiceAccountFields
from .service_account_page import ServiceAccountPage
from .service_principal import ServicePrincipal
from .service_principal_fields import ServicePrincipalFields
from .service_principal_kind_enum import ServicePrincipalKindEnum
from .service_principal_page import ServicePrincipalPage
from .set_baseline_channel_request import SetBaselineChannelRequest
from .set_baseline_owner_rule_request import SetBaselineOwnerRuleRequest
from .set_baseline_profile_request import SetBaselineProfileRequest
from .set_baseline_shipped_rule_request import SetBaselineShippedRuleRequest
from .set_baseline_watch_rule_request import SetBaselineWatchRuleRequest
from .set_default_schedule_request import SetDefaultScheduleRequest
from .set_project_request import SetProjectRequest
from .set_report_settings_request import SetReportSettingsRequest
from .set_schedule_request import SetScheduleRequest
from .set_shipped_watch_rule_request import SetShippedWatchRuleRequest
from .set_watch_request import SetWatchRequest
from .severity_change import SeverityChange
from .severity_enum import SeverityEnum
from .severity_preview import SeverityPreview
from .severity_rule import SeverityRule
from .severity_rule_request import SeverityRuleRequest
from .severity_rules_request import SeverityRulesRequest
from .shipped_watch_rule import ShippedWatchRule
from .shipped_watch_rule_fields import ShippedWatchRuleFields
from .shipped_watch_rule_page import ShippedWatchRulePage
from .sign_in import SignIn
from .sign_in_state_enum import SignInStateEnum
from .situation_enum import SituationEnum
from .standing_enum import StandingEnum
from .start_bulk_job_request import StartBulkJobRequest
from .start_campaign_request import StartCampaignRequest
from .step_enum import StepEnum
from .subscription import Subscription
from .subscription_decision_enum import SubscriptionDecisionEnum
from .subscription_fields import SubscriptionFields
from .subscription_fields_management_groups_item import (
    SubscriptionFieldsManagementGroupsItem,
)
from .subscription_fields_tags import SubscriptionFieldsTags
from .subscription_management_groups_item import SubscriptionManagementGroupsItem
from .subscription_page import SubscriptionPage
from .subscription_tags import SubscriptionTags
from .switch_own_control_request import SwitchOwnControlRequest
from .switch_own_control_state_enum import SwitchOwnControlStateEnum
from .switch_request import SwitchRequest
from .switched_off import SwitchedOff
from .ticket import Ticket
from .ticket_comment import TicketComment
from .ticket_detail import TicketDetail
from .ticket_fields import TicketFields
from .ticket_page import TicketPage
from .ticket_rule import TicketRule
from .ticket_rule_fields import TicketRuleFields
from .ticket_rule_page import TicketRulePage
from .ticket_state_enum import TicketStateEnum
from .ticket_system import TicketSystem
from .ticket_system_fields import TicketSystemFields
from .ticket_system_fields_values import TicketSystemFieldsValues
from .ticket_system_kind_enum import TicketSystemKindEnum
from .ticket_system_page import TicketSystemPage
from .ticket_system_status import TicketSystemStatus
from .ticket_system_values import TicketSystemValues
from .token import Token
from .tried_resource import TriedResource
from .trigger_enum import TriggerEnum
from .upload_scan_request import UploadScanRequest
from .values_request import ValuesRequest
from .values_request_values import ValuesRequestValues
from .verdict_enum import VerdictEnum
from .watch import Watch
from .watch_conditions_request import WatchConditionsRequest
from .watch_enum import WatchEnum
from .watch_rule import WatchRule
from .watch_rule_fields import WatchRuleFields
from .watch_rule_page import WatchRulePage
from .watch_rule_preview import WatchRulePreview
from .watched_unit import WatchedUnit
from .when_enum import WhenEnum
from .write_own_control_request import WriteOwnControlRequest

__all__ = (
    "AcknowledgeRequest",
    "ActionEnum",
    "AddBaselineRequest",
    "AddBaselineRequestDueDays",
    "AddBaselineRequestRetention",
    "AddChannelRequest",
    "AddCommentRequest",
    "AddExceptionCommentRequest",
    "AddExclusionRuleRequest",
    "AddManagingPrincipalRequest",
    "AddOrganizationScheduleRequest",
    "AddOwnerRuleRequest",
    "AddScheduleRequest",
    "AddServicePrincipalCloudEnum",
    "AddServicePrincipalRequest",
    "AddTicketRuleRequest",
    "AddTicketSystemRequest",
    "AddTicketSystemRequestCredentials",
    "AddTicketSystemRequestValues",
    "AddWatchRuleRequest",
    "AddedChannel",
    "AgeEnum",
    "Answer",
    "AppliedBaseline",
    "AppliedOwnerRules",
    "ApplyBaselineRequest",
    "Approval",
    "ApproveConfigurationRequest",
    "ApproveRequest",
    "Assessment",
    "AssessmentFields",
    "AssessmentPage",
    "AssessmentStateEnum",
    "AssignSubscriptionRequest",
    "AttestRequest",
    "Attestation",
    "AttestationFields",
    "AttestationPage",
    "Baseline",
    "BaselineChannel",
    "BaselineDeviationPage",
    "BaselineDueDays",
    "BaselineFields",
    "BaselineFieldsDueDays",
    "BaselineFieldsParameters",
    "BaselineFieldsParametersAdditionalProperty",
    "BaselineFieldsRetention",
    "BaselineOwnerRule",
    "BaselinePage",
    "BaselineParameters",
    "BaselineParametersAdditionalProperty",
    "BaselineParametersRequest",
    "BaselineParametersRequestValuesType0",
    "BaselinePartRequest",
    "BaselineProfile",
    "BaselineRetention",
    "BaselineShippedRule",
    "BaselineWatchRule",
    "BaselineWithSecret",
    "BaselineWithSecretDueDays",
    "BaselineWithSecretParameters",
    "BaselineWithSecretParametersAdditionalProperty",
    "BaselineWithSecretRetention",
    "BlankEnum",
    "BuildPortfolioRequest",
    "BuildRequest",
    "BulkJob",
    "BulkJobFields",
    "BulkJobFieldsParameters",
    "BulkJobPage",
    "BulkJobParameters",
    "BulkJobPreview",
    "BulkJobResult",
    "BulkJobResultFields",
    "BulkJobResultPage",
    "BulkJobResultStateEnum",
    "BulkJobStateEnum",
    "Campaign",
    "CampaignCustomer",
    "CampaignFields",
    "CampaignPage",
    "Candidate",
    "CapabilitiesEnum",
    "Change",
    "ChangeBaselineRequest",
    "ChangeBaselineRequestDueDays",
    "ChangeBaselineRequestRetention",
    "ChangeCampaignRequest",
    "ChangeChannelRequest",
    "ChangeCommentRequest",
    "ChangeCustomerRequest",
    "ChangeExclusionRuleRequest",
    "ChangeFields",
    "ChangeKindEnum",
    "ChangeOrganizationScheduleRequest",
    "ChangeOwnerRuleRequest",
    "ChangePage",
    "ChangePolicyRequest",
    "ChangeRoleRequest",
    "ChangeScheduleRequest",
    "ChangeTicketRuleRequest",
    "ChangeTicketSystemRequest",
    "ChangeTicketSystemRequestCredentials",
    "ChangeTicketSystemRequestValues",
    "ChangeWatchRuleRequest",
    "Channel",
    "ChannelFields",
    "ChannelKindEnum",
    "ChannelPage",
    "CheckStateEnum",
    "CheckingControl",
    "ClientSecret",
    "ClientSecretFields",
    "ClientSecretPage",
    "Comment",
    "CommentFields",
    "CommentPage",
    "ConfirmationEnum",
    "Control",
    "ControlFields",
    "ControlPage",
    "CoverageEnum",
    "CredentialRequest",
    "Customer",
    "CustomerFields",
    "CustomerFigures",
    "CustomerFiguresFields",
    "CustomerFiguresPage",
    "CustomerFramework",
    "CustomerFrameworkFields",
    "CustomerFrameworkFieldsResults",
    "CustomerFrameworkPage",
    "CustomerFrameworkResults",
    "CustomerPage",
    "CustomerProject",
    "CustomerProjectFields",
    "CustomerProjectPage",
    "DecisionEnum",
    "DefaultSchedule",
    "Delegation",
    "DelegationFields",
    "DelegationPage",
    "DeleteScanRequest",
    "DeletedReport",
    "DeletedReportFields",
    "DeletedReportPage",
    "DeviatingSettingRequest",
    "Deviation",
    "DeviationFields",
    "Difference",
    "Directory",
    "DirectoryFields",
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
    "ExceptionComment",
    "ExceptionCommentFields",
    "ExceptionCommentPage",
    "ExceptionTermsRequest",
    "Excess",
    "ExcludeRequest",
    "ExcludeSubscriptionsRequest",
    "ExclusionConditionsRequest",
    "ExclusionPreview",
    "ExclusionRule",
    "ExclusionRuleFields",
    "ExclusionRulePage",
    "FailedMail",
    "FailedMailFields",
    "FailedMailPage",
    "FailedPost",
    "FailedPostFields",
    "FailedPostPage",
    "FailedTicket",
    "FailedTicketFields",
    "FailedTicketPage",
    "Finding",
    "FindingCheck",
    "FindingException",
    "FindingExceptionFields",
    "FindingExceptionFieldsRule",
    "FindingExceptionPage",
    "FindingExceptionRule",
    "FindingExceptionStateEnum",
    "FindingFields",
    "FindingFiltersRequest",
    "FindingFiltersStateEnum",
    "FindingPage",
    "ForeignSubscription",
    "ForeignSubscriptionFields",
    "ForeignSubscriptionPage",
    "Framework",
    "FrameworkEnum",
    "FrameworkFields",
    "FrameworkPage",
    "FrameworkRequirement",
    "FrameworkRequirementFields",
    "FrameworkRequirementPage",
    "ImportMuteListRequest",
    "Invitation",
    "InvitationFields",
    "InvitationPage",
    "InviteRequest",
    "JournalEntry",
    "JournalEntryFields",
    "JournalEntryKindEnum",
    "JournalEntryPage",
    "LanguageEnum",
    "LastOutcomeEnum",
    "ListAssessmentsFieldsItem",
    "ListAttestationsAnswerItem",
    "ListAttestationsFieldsItem",
    "ListAttestationsOwnerItem",
    "ListBaselineDeviationsFieldsItem",
    "ListBaselinesFieldsItem",
    "ListBulkJobResultsFieldsItem",
    "ListBulkJobResultsStateItem",
    "ListBulkJobsFieldsItem",
    "ListBulkJobsStateItem",
    "ListCampaignsFieldsItem",
    "ListChangesApprovedItem",
    "ListChangesDaysItem",
    "ListChangesFieldsItem",
    "ListChangesKindItem",
    "ListChangesSeverityItem",
    "ListChangesStateItem",
    "ListChannelsFieldsItem",
    "ListClientSecretsFieldsItem",
    "ListCommentsFieldsItem",
    "ListControlsFieldsItem",
    "ListCustomerFiguresFieldsItem",
    "ListCustomerFiguresShowItem",
    "ListCustomerFiguresSort",
    "ListCustomerFrameworksFieldsItem",
    "ListCustomersFieldsItem",
    "ListCustomersSort",
    "ListDelegationsFieldsItem",
    "ListDeletedReportsFieldsItem",
    "ListDirectoriesFieldsItem",
    "ListExceptionCommentsFieldsItem",
    "ListExceptionsEndingItem",
    "ListExceptionsFieldsItem",
    "ListExceptionsStateItem",
    "ListExclusionRulesFieldsItem",
    "ListFailedMailsFieldsItem",
    "ListFailedPostsFieldsItem",
    "ListFailedTicketsFieldsItem",
    "ListFindingsAgeItem",
    "ListFindingsDueItem",
    "ListFindingsFieldsItem",
    "ListFindingsSectionItem",
    "ListFindingsSeverityItem",
    "ListFindingsSort",
    "ListFindingsStateItem",
    "ListFindingsVerdictItem",
    "ListForeignSubscriptionsFieldsItem",
    "ListFrameworksFieldsItem",
    "ListInvitationsFieldsItem",
    "ListJournalFieldsItem",
    "ListJournalKindItem",
    "ListManagingPrincipalsFieldsItem",
    "ListMembersFieldsItem",
    "ListOrganizationReportSchedulesFieldsItem",
    "ListOrganizationsFieldsItem",
    "ListOwnControlsFieldsItem",
    "ListOwnerRulesFieldsItem",
    "ListPlannedChangesFieldsItem",
    "ListPortfolioReportDeliveriesFieldsItem",
    "ListPortfolioReportLinksFieldsItem",
    "ListPortfolioReportsFieldsItem",
    "ListReportDeliveriesFieldsItem",
    "ListReportLinksFieldsItem",
    "ListReportSchedulesFieldsItem",
    "ListReportsFieldsItem",
    "ListRequirementResultsCoverageItem",
    "ListRequirementResultsFieldsItem",
    "ListRequirementResultsResultItem",
    "ListRequirementsCoverageItem",
    "ListRequirementsFieldsItem",
    "ListResourcesApprovalItem",
    "ListResourcesFieldsItem",
    "ListResourcesFindingsItem",
    "ListResourcesSort",
    "ListResourcesStateItem",
    "ListScanEntriesFieldsItem",
    "ListScanEntriesMatchItem",
    "ListScanImportsFieldsItem",
    "ListServiceAccountsFieldsItem",
    "ListServicePrincipalsFieldsItem",
    "ListShippedWatchRulesFieldsItem",
    "ListSubscriptionsFieldsItem",
    "ListTicketCustomersFieldsItem",
    "ListTicketRulesFieldsItem",
    "ListTicketSystemsFieldsItem",
    "ListTicketsFieldsItem",
    "ListTicketsKindItem",
    "ListTicketsStateItem",
    "ListWatchRulesFieldsItem",
    "MadePortfolioLink",
    "MadeReportLink",
    "MakeReportLinkRequest",
    "ManagingPrincipal",
    "ManagingPrincipalFields",
    "ManagingPrincipalPage",
    "Member",
    "MemberFields",
    "MemberPage",
    "Missing",
    "MoveOwnerRuleRequest",
    "MovedVerdict",
    "MuteList",
    "MuteListEntry",
    "NoteRequest",
    "Organization",
    "OrganizationFields",
    "OrganizationPage",
    "OrganizationReportSchedule",
    "OrganizationReportScheduleFields",
    "OrganizationReportSchedulePage",
    "OriginEnum",
    "OwnControl",
    "OwnControlFields",
    "OwnControlPage",
    "OwnControlStateEnum",
    "OwnDraft",
    "OwnTrial",
    "OwnTrialOutcomes",
    "OwnTrials",
    "OwnerRequest",
    "OwnerRule",
    "OwnerRuleFields",
    "OwnerRulePage",
    "OwnerRulePreview",
    "PaperEnum",
    "Parameter",
    "PerEnum",
    "Person",
    "PlannedChange",
    "PlannedChangeFields",
    "PlannedChangePage",
    "PlannedScopeRequest",
    "Policy",
    "PolicyDueDays",
    "PortfolioDelivery",
    "PortfolioDeliveryFields",
    "PortfolioDeliveryPage",
    "PortfolioLink",
    "PortfolioLinkFields",
    "PortfolioLinkPage",
    "PortfolioReport",
    "PortfolioReportFields",
    "PortfolioReportPage",
    "Preflight",
    "PreviewOwnerRuleRequest",
    "Problem",
    "ProblemErrorsItem",
    "ProfileRequest",
    "PublishOwnControlRequest",
    "Readiness",
    "ReasonEnum",
    "RefusedSetting",
    "RegisterCloudEnum",
    "RegisterRequest",
    "Report",
    "ReportDelivery",
    "ReportDeliveryFields",
    "ReportDeliveryPage",
    "ReportDeliveryStateEnum",
    "ReportFields",
    "ReportKindEnum",
    "ReportLink",
    "ReportLinkFields",
    "ReportLinkPage",
    "ReportPage",
    "ReportRunStateEnum",
    "ReportSchedule",
    "ReportScheduleFields",
    "ReportSchedulePage",
    "ReportSettings",
    "ReportStateEnum",
    "RequestRequest",
    "RequestRequestRule",
    "Requested",
    "Requirement",
    "RequirementResult",
    "RequirementResultFields",
    "RequirementResultFieldsFindings",
    "RequirementResultFindings",
    "RequirementResultPage",
    "Resource",
    "ResourceFields",
    "ResourceFieldsOpenFindings",
    "ResourceFieldsTags",
    "ResourceOpenFindings",
    "ResourcePage",
    "ResourceTags",
    "ResultEnum",
    "ReturnedBecauseEnum",
    "ReviewEnum",
    "ReviewPeriodRequest",
    "ReviewRequest",
    "RevokeDeletedReportRequest",
    "RevokeReportRequest",
    "RoleEnum",
    "RotateRequest",
    "RuleEnum",
    "ScanEntry",
    "ScanEntryCounts",
    "ScanEntryFields",
    "ScanEntryFieldsCounts",
    "ScanEntryPage",
    "ScanImport",
    "ScanImportCounts",
    "ScanImportFields",
    "ScanImportFieldsCounts",
    "ScanImportPage",
    "ScannerEnum",
    "Schedule",
    "ScheduleAddress",
    "ScheduleRun",
    "ScheduledReportKindEnum",
    "ScopeEnum",
    "Secret",
    "SectionEnum",
    "ServiceAccount",
    "ServiceAccountFields",
    "ServiceAccountPage",
    "ServicePrincipal",
    "ServicePrincipalFields",
    "ServicePrincipalKindEnum",
    "ServicePrincipalPage",
    "SetBaselineChannelRequest",
    "SetBaselineOwnerRuleRequest",
    "SetBaselineProfileRequest",
    "SetBaselineShippedRuleRequest",
    "SetBaselineWatchRuleRequest",
    "SetDefaultScheduleRequest",
    "SetProjectRequest",
    "SetReportSettingsRequest",
    "SetScheduleRequest",
    "SetShippedWatchRuleRequest",
    "SetWatchRequest",
    "SeverityChange",
    "SeverityEnum",
    "SeverityPreview",
    "SeverityRule",
    "SeverityRuleRequest",
    "SeverityRulesRequest",
    "ShippedWatchRule",
    "ShippedWatchRuleFields",
    "ShippedWatchRulePage",
    "SignIn",
    "SignInStateEnum",
    "SituationEnum",
    "StandingEnum",
    "StartBulkJobRequest",
    "StartCampaignRequest",
    "StepEnum",
    "Subscription",
    "SubscriptionDecisionEnum",
    "SubscriptionFields",
    "SubscriptionFieldsManagementGroupsItem",
    "SubscriptionFieldsTags",
    "SubscriptionManagementGroupsItem",
    "SubscriptionPage",
    "SubscriptionTags",
    "SwitchOwnControlRequest",
    "SwitchOwnControlStateEnum",
    "SwitchRequest",
    "SwitchedOff",
    "Ticket",
    "TicketComment",
    "TicketDetail",
    "TicketFields",
    "TicketPage",
    "TicketRule",
    "TicketRuleFields",
    "TicketRulePage",
    "TicketStateEnum",
    "TicketSystem",
    "TicketSystemFields",
    "TicketSystemFieldsValues",
    "TicketSystemKindEnum",
    "TicketSystemPage",
    "TicketSystemStatus",
    "TicketSystemValues",
    "Token",
    "TriedResource",
    "TriggerEnum",
    "UploadScanRequest",
    "ValuesRequest",
    "ValuesRequestValues",
    "VerdictEnum",
    "Watch",
    "WatchConditionsRequest",
    "WatchEnum",
    "WatchRule",
    "WatchRuleFields",
    "WatchRulePage",
    "WatchRulePreview",
    "WatchedUnit",
    "WhenEnum",
    "WriteOwnControlRequest",
)

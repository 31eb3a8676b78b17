"""Contains all the data models used in inputs/outputs"""

from .assessment import Assessment
from .assessment_page import AssessmentPage
from .assessment_state_enum import AssessmentStateEnum
from .build_request import BuildRequest
from .capabilities_enum import CapabilitiesEnum
from .control import Control
from .control_page import ControlPage
from .customer import Customer
from .customer_page import CustomerPage
from .finding import Finding
from .finding_page import FindingPage
from .framework_enum import FrameworkEnum
from .kind_enum import KindEnum
from .language_enum import LanguageEnum
from .list_findings_severity_item import ListFindingsSeverityItem
from .list_findings_verdict_item import ListFindingsVerdictItem
from .paper_enum import PaperEnum
from .problem import Problem
from .problem_errors_item import ProblemErrorsItem
from .report import Report
from .report_page import ReportPage
from .report_state_enum import ReportStateEnum
from .requirement import Requirement
from .severity_enum import SeverityEnum
from .token import Token
from .trigger_enum import TriggerEnum
from .verdict_enum import VerdictEnum

__all__ = (
    "Assessment",
    "AssessmentPage",
    "AssessmentStateEnum",
    "BuildRequest",
    "CapabilitiesEnum",
    "Control",
    "ControlPage",
    "Customer",
    "CustomerPage",
    "Finding",
    "FindingPage",
    "FrameworkEnum",
    "KindEnum",
    "LanguageEnum",
    "ListFindingsSeverityItem",
    "ListFindingsVerdictItem",
    "PaperEnum",
    "Problem",
    "ProblemErrorsItem",
    "Report",
    "ReportPage",
    "ReportStateEnum",
    "Requirement",
    "SeverityEnum",
    "Token",
    "TriggerEnum",
    "VerdictEnum",
)

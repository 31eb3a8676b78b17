"""Models of assessments. Only `assessments.actions` writes verdicts."""

from assessments.models.activity import ActivityEvent, ActivityReading
from assessments.models.assessment import Assessment
from assessments.models.control_setting import ControlSetting
from assessments.models.evidence import EvidenceItem
from assessments.models.finding import Finding, FindingChange
from assessments.models.finding_text import FindingText
from assessments.models.object_name import ObjectName
from assessments.models.own_control import OwnControl, OwnControlVersion
from assessments.models.profile import ControlProfile, SwitchedOffControl
from assessments.models.resource import Resource, ResourceVersion
from assessments.models.resource_count import ResourceCount
from assessments.models.scan_import import ScanEntry, ScanImport
from assessments.models.schedule import Schedule
from assessments.models.unit import Unit
from assessments.models.watch import Watch

__all__ = [
    "ActivityEvent",
    "ActivityReading",
    "Assessment",
    "ControlProfile",
    "ControlSetting",
    "EvidenceItem",
    "Finding",
    "FindingChange",
    "FindingText",
    "ObjectName",
    "OwnControl",
    "OwnControlVersion",
    "Resource",
    "ResourceCount",
    "ResourceVersion",
    "ScanEntry",
    "ScanImport",
    "Schedule",
    "SwitchedOffControl",
    "Unit",
    "Watch",
]

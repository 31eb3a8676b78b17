"""Define the models of treatment. Verdicts belong to `assessments`, and no code in this package writes verdicts."""

from portal.treatment.models.attestation import Attestation
from portal.treatment.models.baseline import Baseline, BaselineChannel
from portal.treatment.models.campaign import Campaign, CampaignCustomer
from portal.treatment.models.comment import Comment
from portal.treatment.models.control_count import ControlCount
from portal.treatment.models.event import Batch, TreatmentEvent
from portal.treatment.models.evidence_file import EvidenceFile
from portal.treatment.models.exception import ExceptionItem, FindingException
from portal.treatment.models.exception_comment import ExceptionComment
from portal.treatment.models.facet_count import FacetCount
from portal.treatment.models.list_view import ListView
from portal.treatment.models.matching import Matching
from portal.treatment.models.rule import OwnerRule
from portal.treatment.models.saved_view import SavedView
from portal.treatment.models.snapshot import Snapshot
from portal.treatment.models.treatment import Treatment
from portal.treatment.models.treatment_change import TreatmentChange

__all__ = [
    "Attestation",
    "Baseline",
    "BaselineChannel",
    "Batch",
    "Campaign",
    "CampaignCustomer",
    "Comment",
    "ControlCount",
    "EvidenceFile",
    "ExceptionComment",
    "ExceptionItem",
    "FacetCount",
    "FindingException",
    "ListView",
    "Matching",
    "OwnerRule",
    "SavedView",
    "Snapshot",
    "Treatment",
    "TreatmentChange",
    "TreatmentEvent",
]

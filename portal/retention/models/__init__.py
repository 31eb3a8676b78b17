"""Models of retention."""

from portal.retention.models.hold import LegalHold
from portal.retention.models.rule import OrganizationRetentionRule, RetentionRule
from portal.retention.models.run import RetentionRun

__all__ = ["LegalHold", "OrganizationRetentionRule", "RetentionRule", "RetentionRun"]

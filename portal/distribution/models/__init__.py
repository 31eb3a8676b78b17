"""Models of the distribution of reports."""

from portal.distribution.models.delivery import ReportDelivery
from portal.distribution.models.link import PortfolioLink, ReportLink
from portal.distribution.models.run import ReportRun
from portal.distribution.models.schedule import OrganizationReportSchedule, ReportSchedule

__all__ = [
    "OrganizationReportSchedule",
    "PortfolioLink",
    "ReportDelivery",
    "ReportLink",
    "ReportRun",
    "ReportSchedule",
]

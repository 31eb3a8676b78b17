"""Models of the distribution of reports."""

from portal.distribution.models.delivery import PortfolioDelivery, ReportDelivery
from portal.distribution.models.link import PortfolioLink, ReportLink
from portal.distribution.models.run import PortfolioRun, ReportRun
from portal.distribution.models.schedule import PORTFOLIO, OrganizationReportSchedule, ReportSchedule

__all__ = [
    "PORTFOLIO",
    "OrganizationReportSchedule",
    "PortfolioDelivery",
    "PortfolioLink",
    "PortfolioRun",
    "ReportDelivery",
    "ReportLink",
    "ReportRun",
    "ReportSchedule",
]

"""Define the models of organizations, tenants, access and credentials, one file each."""

from tenants.models.base import OrganizationOwned, TenantOwned
from tenants.models.delegation import Delegation, ManagingPrincipal
from tenants.models.directory import Directory
from tenants.models.exclusion_rule import ExclusionRule
from tenants.models.failed_sign_ins import FailedSignIns
from tenants.models.invitation import Invitation
from tenants.models.journal import JournalEntry, OrganizationJournalEntry
from tenants.models.membership import Membership
from tenants.models.organization import Language, Organization, OrganizationKey, Paper
from tenants.models.person import Person
from tenants.models.registration import Registration
from tenants.models.service_account import ServiceAccount, ServiceAccountController
from tenants.models.service_principal import ServicePrincipal
from tenants.models.stored_credential import StoredCredential
from tenants.models.subscription import Situation, Subscription
from tenants.models.tenant import Tenant, TenantKey

__all__ = [
    "Delegation",
    "Directory",
    "ExclusionRule",
    "FailedSignIns",
    "Invitation",
    "JournalEntry",
    "Language",
    "ManagingPrincipal",
    "Membership",
    "Organization",
    "OrganizationJournalEntry",
    "OrganizationKey",
    "OrganizationOwned",
    "Paper",
    "Person",
    "Registration",
    "ServiceAccount",
    "ServiceAccountController",
    "ServicePrincipal",
    "Situation",
    "StoredCredential",
    "Subscription",
    "Tenant",
    "TenantKey",
    "TenantOwned",
]

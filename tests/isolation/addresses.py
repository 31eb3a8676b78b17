"""Every address of the site: sample arguments, the right that it requires, and the status that each role gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from portal.distribution.recipients import seen_digest as schedule_digest
from portal.notify.unsubscribing import MailLink
from portal.treatment.selectors.exceptions import seen_digest
from portal.web.frame.navigation import Area, Page
from tenants.actions.reviews import access_digest
from tenants.models import Person, Tenant
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tenants.scope import organization_scope
from tenants.selectors import organization_memberships
from tests import factories
from tests.portal.web.navigation_pages import own_pages
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

type Arguments = Callable[[World, Tenant], list[Any]]


def of_tenant(world: World, tenant: Tenant) -> list[Any]:
    return [tenant.slug]


def of_framework(world: World, tenant: Tenant) -> list[Any]:
    return [tenant.slug, "cis-6.0.0"]


def of_object(name: str) -> Arguments:
    return lambda world, tenant: [tenant.slug, world.of(tenant)[name].pk]


def of_inbox(world: World, tenant: Tenant) -> list[Any]:
    return [world.of(tenant)["exception"].pk]


def of_organization(world: World, tenant: Tenant) -> list[Any]:
    return [tenant.organization.slug]


def of_organization_object(name: str) -> Arguments:
    return lambda world, tenant: [tenant.organization.slug, world.of(tenant)[name].pk]


def of_portfolio_number(world: World, tenant: Tenant) -> list[Any]:
    return [tenant.organization.slug, world.of(tenant)["portfolio_report"].number]


def nothing(world: World, tenant: Tenant) -> list[Any]:
    return []


@dataclass(frozen=True)
class Address:
    """How to call an address, and who may call it.

    Everybody may call a `public` address, even without signing in. Any other address requires the capability `needs`,
    or only a sign-in if `needs` is None.
    """

    arguments: Arguments = nothing
    needs: Capability | None = None
    # A capability that is enough instead of `needs`.
    also: Capability | None = None
    post: bool = False
    data: Callable[[World, Tenant], dict[str, Any]] = lambda world, tenant: {}
    public: bool = False
    # People without this capability get 404. For example, owners see only objects that are assigned to them.
    hidden_without: Capability | None = None
    # If set, everybody without this role gets 403, for example because the person with the role created the object.
    only: str = ""
    # The capability `needs` must be held in the organization, not only in one of its tenants.
    in_organization: bool = False
    # Despite `in_organization`, administrators of customers may call the address too, for their customers.
    in_customers: bool = False
    # People who administer customers, but not the whole organization, get 404.
    only_whole: bool = False
    # A GET request is answered with a redirect.
    leads: bool = False
    # POST answers with a file instead of a redirect.
    sends_file: bool = False
    # The sample names no object, so everybody gets 404.
    unknown: bool = False
    # The sample is invalid input, so people with the right get 400.
    rejected: bool = False

    @property
    def has_tenant(self) -> bool:
        return self.arguments is not nothing


def approval(world: World, tenant: Tenant) -> dict[str, Any]:
    with factories.in_tenant(tenant):
        return {"seen": seen_digest(world.of(tenant)["exception"])}


def reviewed_list(world: World, tenant: Tenant) -> dict[str, Any]:
    with organization_scope(tenant.organization):
        return {"seen": access_digest(organization_memberships(tenant.organization))}


def confirmed_recipients(name: str) -> Callable[[World, Tenant], dict[str, Any]]:
    """Return the data of the form that confirms the recipients of a report schedule: the digest of what the page shows.

    For a schedule of an organization, the digest also covers the customers with the label of the schedule. In `World`,
    no customer has this label, so no customers are passed to `schedule_digest`.
    """
    return lambda world, tenant: {"seen": schedule_digest(world.of(tenant)[name])}


def of_page(page: Page) -> Address:
    """Return how to call the page of a navigation entry. The page must require the capability of the entry."""
    if page.area in (Area.CUSTOMER, Area.SETTINGS):
        return Address(of_tenant, page.needs or Capability.VIEW)
    if page.area == Area.ORGANIZATION:
        return Address(of_organization, page.needs, in_organization=True)
    # All people may open a page about several customers. It shows only customers for which they have the capability.
    return Address()


ADDRESSES: dict[str, Address] = {
    **{page.url_name: of_page(page) for page in own_pages()},
    "portfolio-start": Address(post=True),
    "frameworks": Address(),
    "palette": Address(),
    "home": Address(leads=True),
    # The sample selects no controls, so the page redirects to the list.
    "attestations-answer": Address(of_tenant, Capability.ATTEST, leads=True),
    "inbox-request": Address(of_inbox, Capability.APPROVE, hidden_without=Capability.APPROVE),
    "inbox-approve": Address(
        of_inbox, Capability.APPROVE, post=True, data=approval, hidden_without=Capability.APPROVE
    ),
    "inbox-refuse": Address(
        of_inbox,
        Capability.APPROVE,
        post=True,
        data=lambda world, tenant: {"note": "Fix it this week."},
        hidden_without=Capability.APPROVE,
    ),
    "exception-comment": Address(
        of_object("exception"),
        Capability.TREAT,
        also=Capability.APPROVE,
        post=True,
        hidden_without=Capability.VIEW_ALL,
    ),
    "exception-comment-delete": Address(
        of_object("exception_comment"),
        Capability.TREAT,
        also=Capability.APPROVE,
        post=True,
        hidden_without=Capability.VIEW_ALL,
    ),
    "control": Address(lambda world, tenant: ["storage-secure-transfer"]),
    "verify": Address(public=True),
    "offline-verifier": Address(public=True),
    "surety-verify": Address(public=True),
    "journal-verifier": Address(public=True),
    "oauth-metadata": Address(public=True),
    "report-schema": Address(lambda world, tenant: ["results"], public=True),
    # The sample's token is unknown. tests/portal/web/organization/test_invitation.py opens real invitations.
    "invitation": Address(lambda world, tenant: ["unknown"], public=True, unknown=True),
    "tenant-people": Address(of_tenant, Capability.MEMBERS),
    "organization-people": Address(
        of_organization, Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "organization-invite": Address(
        of_organization, Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "portfolio-report-build": Address(
        of_organization,
        Capability.REPORT,
        post=True,
        data=lambda world, tenant: {"classification": "Internal", "paper": "a4", "language": "en"},
        in_organization=True,
    ),
    "portfolio-report": Address(of_portfolio_number, Capability.READ_REPORTS, in_organization=True),
    "portfolio-report-revoke": Address(
        of_portfolio_number,
        Capability.REVOKE_REPORTS,
        post=True,
        data=lambda world, tenant: {"reason": "A customer was missing."},
        in_organization=True,
    ),
    "portfolio-report-download": Address(
        of_organization_object("portfolio_report"), Capability.READ_REPORTS, in_organization=True
    ),
    "portfolio-report-cancel": Address(
        of_organization_object("portfolio_report"), Capability.REPORT, post=True, in_organization=True
    ),
    "portfolio-report-link-add": Address(of_portfolio_number, Capability.REPORT, in_organization=True),
    "portfolio-report-send-again": Address(
        of_organization_object("portfolio_delivery"), Capability.REPORT, post=True, in_organization=True
    ),
    "portfolio-report-link-revoke": Address(
        of_organization_object("portfolio_link"), Capability.REPORT, post=True, in_organization=True
    ),
    "list-view-save": Address(of_organization, Capability.VIEW_ALL, post=True, in_organization=True),
    "list-view-delete": Address(
        of_organization_object("list_view"),
        Capability.VIEW_ALL,
        post=True,
        in_organization=True,
        only="organization_engineer",
    ),
    "customers-import-template": Address(of_organization, Capability.REGISTER, in_organization=True),
    "customer-import": Address(
        of_organization_object("customer_import"), Capability.REGISTER, in_organization=True
    ),
    "customer-import-start": Address(
        of_organization_object("customer_import"), Capability.REGISTER, post=True, in_organization=True
    ),
    "customer-import-cancel": Address(
        of_organization_object("customer_import"), Capability.REGISTER, post=True, in_organization=True
    ),
    "configuration-export": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "configuration-schema": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "configuration-file": Address(
        of_organization_object("configuration_file"), Capability.ORGANIZATION, in_organization=True
    ),
    "baseline-add": Address(of_organization, Capability.ADMINISTER, in_organization=True),
    "baselines-apply": Address(of_organization, Capability.ADMINISTER, post=True, in_organization=True),
    "baseline": Address(of_organization_object("baseline"), Capability.ADMINISTER, in_organization=True),
    "baseline-parameter": Address(
        lambda world, tenant: [*of_organization_object("baseline")(world, tenant), "storage-key-rotation"],
        Capability.ADMINISTER,
        in_organization=True,
    ),
    "baseline-profile": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, in_organization=True
    ),
    "baseline-rule-add": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, in_organization=True
    ),
    "baseline-rule": Address(
        lambda world, tenant: [*of_organization_object("baseline")(world, tenant), 0],
        Capability.ADMINISTER,
        in_organization=True,
    ),
    "baseline-watch-rule-add": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, in_organization=True
    ),
    "baseline-watch-rule-shipped": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, post=True, in_organization=True
    ),
    "baseline-watch-rule": Address(
        lambda world, tenant: [*of_organization_object("baseline")(world, tenant), 0],
        Capability.ADMINISTER,
        in_organization=True,
    ),
    "baseline-channel-add": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, in_organization=True
    ),
    "baseline-channel": Address(
        lambda world, tenant: [
            *of_organization_object("baseline")(world, tenant),
            world.of(tenant)["baseline_channel"].pk,
        ],
        Capability.ADMINISTER,
        in_organization=True,
    ),
    "service-accounts": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "service-account-add": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "service-account": Address(
        of_organization_object("service_account"), Capability.ORGANIZATION, in_organization=True
    ),
    "service-account-change": Address(
        of_organization_object("service_account"), Capability.ORGANIZATION, in_organization=True
    ),
    "service-account-switch": Address(
        of_organization_object("service_account"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    # The sample sends no values, so the form shows errors (400).
    "service-account-secret-add": Address(
        of_organization_object("service_account"),
        Capability.ORGANIZATION,
        post=True,
        in_organization=True,
        rejected=True,
    ),
    "service-account-secret-revoke": Address(
        lambda world, tenant: [
            *of_organization_object("service_account")(world, tenant),
            world.of(tenant)["client_secret"].pk,
        ],
        Capability.ORGANIZATION,
        post=True,
        in_organization=True,
    ),
    "service-account-delete": Address(
        of_organization_object("service_account"), Capability.ORGANIZATION, in_organization=True
    ),
    # Called after the addresses above, because it deletes the object that they need.
    "baseline-delete": Address(
        of_organization_object("baseline"), Capability.ADMINISTER, post=True, in_organization=True
    ),
    "campaign-start": Address(
        of_organization,
        Capability.ASSIGN,
        data=lambda world, tenant: {"control": "storage-key-rotation"},
        in_organization=True,
    ),
    "campaign": Address(of_organization_object("campaign"), Capability.ASSIGN, in_organization=True),
    "campaign-end": Address(
        of_organization_object("campaign"), Capability.ASSIGN, post=True, in_organization=True
    ),
    "ticket-system-add": Address(
        lambda world, tenant: [tenant.organization.slug, "jira"],
        Capability.ORGANIZATION,
        in_organization=True,
    ),
    "ticket-system": Address(
        of_organization_object("ticket_system"), Capability.ORGANIZATION, in_organization=True
    ),
    "ticket-customers": Address(
        of_organization_object("ticket_system"), Capability.ORGANIZATION, in_organization=True
    ),
    "ticket-system-test": Address(
        of_organization_object("ticket_system"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "ticket-system-switch": Address(
        of_organization_object("ticket_system"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "ticket-rule-add": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "ticket-rule": Address(
        of_organization_object("ticket_rule"), Capability.ORGANIZATION, in_organization=True
    ),
    "own-control-add": Address(of_organization, Capability.ADMINISTER, in_organization=True),
    "own-control": Address(
        of_organization_object("own_control"), Capability.ADMINISTER, in_organization=True
    ),
    "own-control-edit": Address(
        of_organization_object("own_control"), Capability.ADMINISTER, in_organization=True
    ),
    # Both addresses redirect with an error message: publishing needs the number of the draft, which the sample does not
    # send, and a draft cannot be switched on or off.
    "own-control-publish": Address(
        of_organization_object("own_control"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "own-control-switch": Address(
        of_organization_object("own_control"),
        Capability.ORGANIZATION,
        post=True,
        data=lambda world, tenant: {"state": "active"},
        in_organization=True,
    ),
    # Called after the addresses above, because it deletes the object that they need.
    "own-control-discard": Address(
        of_organization_object("own_control"), Capability.ADMINISTER, post=True, in_organization=True
    ),
    "ticket-retry": Address(
        of_organization_object("ticket"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "ticket-drop": Address(
        of_organization_object("ticket"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "ticket-rule-delete": Address(
        of_organization_object("ticket_rule"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    # Called after the addresses above, because it deletes the object that they need.
    "ticket-system-delete": Address(
        of_organization_object("ticket_system"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "membership-change": Address(
        of_organization_object("membership"), Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "membership-end": Address(
        of_organization_object("membership"), Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "membership-review": Address(
        of_organization_object("membership"), Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "membership-decide": Address(
        of_organization_object("waiting"),
        Capability.MEMBERS,
        post=True,
        data=lambda world, tenant: {"decision": "confirm"},
        # The customer's administrator granted the membership, so only another administrator may confirm it.
        only="organization_administrator",
        in_organization=True,
        in_customers=True,
    ),
    "foreign-subscriptions": Address(
        of_organization, Capability.ADMINISTER, in_organization=True, in_customers=True
    ),
    "foreign-subscriptions-assign": Address(
        of_organization, Capability.ADMINISTER, post=True, in_organization=True, in_customers=True
    ),
    "foreign-subscriptions-exclude": Address(
        of_organization, Capability.ADMINISTER, post=True, in_organization=True, in_customers=True
    ),
    # The directory of this subscription belongs to no customer, so only people who administer the whole organization
    # see the subscription.
    "foreign-subscription-undo": Address(
        of_organization_object("delegated"),
        Capability.ADMINISTER,
        post=True,
        in_organization=True,
        in_customers=True,
        only_whole=True,
    ),
    "lighthouse": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "delegations-assign": Address(of_organization, Capability.ORGANIZATION, post=True, in_organization=True),
    "delegations-exclude": Address(of_organization, Capability.ORGANIZATION, post=True, in_organization=True),
    "delegation-undo": Address(
        of_organization_object("delegation"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "managing-principal-add": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "managing-principal": Address(
        of_organization_object("managing_principal"), Capability.ORGANIZATION, in_organization=True
    ),
    "managing-principal-check": Address(
        of_organization_object("managing_principal"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "managing-principal-switch": Address(
        of_organization_object("managing_principal"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "managing-principal-remove": Address(
        of_organization_object("managing_principal"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "account-change-decide": Address(
        of_organization_object("account_change"),
        Capability.MEMBERS,
        post=True,
        data=lambda world, tenant: {"decision": "refuse"},
        in_organization=True,
    ),
    "person-account": Address(
        of_organization_object("account"), Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "person-leaving": Address(
        of_organization_object("account"), Capability.MEMBERS, in_organization=True, in_customers=True
    ),
    "erasures": Address(of_organization, Capability.OFFBOARD, in_organization=True),
    "erasure": Address(of_organization_object("erasure"), Capability.OFFBOARD, in_organization=True),
    "erasure-certificate": Address(
        of_organization_object("erasure"),
        Capability.OFFBOARD,
        post=True,
        in_organization=True,
        sends_file=True,
    ),
    "person-sessions-end": Address(
        of_organization_object("account"),
        Capability.MEMBERS,
        post=True,
        in_organization=True,
        in_customers=True,
    ),
    "address-request": Address(),
    "account-sessions-end": Address(post=True),
    # The sample's id belongs to no token. tests/portal/api/test_tokens.py revokes tokens of others.
    "account-api-token-revoke": Address(lambda world, tenant: [world.home.pk], post=True, unknown=True),
    "organization-api-token-revoke": Address(
        of_organization_object("api_token"), Capability.ORGANIZATION, post=True, in_organization=True
    ),
    "second-factor-required": Address(),
    "confirm-with-sso": Address(),
    # The samples' tokens are unknown. tests/portal/accounts opens real links.
    "invitation-sso": Address(lambda world, tenant: ["unknown"], public=True, post=True, unknown=True),
    "first-start": Address(lambda world, tenant: ["unknown"], public=True, unknown=True),
    "emergency": Address(lambda world, tenant: ["unknown"], public=True, unknown=True),
    "access-reviewed": Address(
        of_organization, Capability.MEMBERS, post=True, data=reviewed_list, in_organization=True
    ),
    "access-review-csv": Address(of_organization, Capability.MEMBERS, in_organization=True),
    "access-review-xlsx": Address(of_organization, Capability.MEMBERS, in_organization=True),
    "organization-journal-verify": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "organization-journal-csv": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "organization-journal-chain": Address(of_organization, Capability.ORGANIZATION, in_organization=True),
    "organization-journal-entry": Address(
        lambda world, tenant: [tenant.organization.slug, 1], Capability.ORGANIZATION, in_organization=True
    ),
    "invitation-send": Address(
        of_organization_object("invitation"),
        Capability.MEMBERS,
        post=True,
        in_organization=True,
        in_customers=True,
    ),
    "invitation-withdraw": Address(
        of_organization_object("invitation"),
        Capability.MEMBERS,
        post=True,
        in_organization=True,
        in_customers=True,
    ),
    "theme": Address(post=True, data=lambda world, tenant: {"theme": "dark"}, public=True),
    "notices": Address(),
    "notice-read": Address(post=True),
    # Called before `preferences-links`, which invalidates all links. The token names the customer, but the page shows
    # the customer only to the person to whom the link was sent.
    "unsubscribe": Address(
        lambda world, tenant: [MailLink(world.home.pk, world.people["auditor"].pk, "mentioned", 0).token],
        public=True,
    ),
    "preferences-links": Address(post=True),
    "channel-add": Address(of_tenant, Capability.ADMINISTER),
    "channel": Address(of_object("channel"), Capability.ADMINISTER),
    "channel-test": Address(of_object("channel"), Capability.ADMINISTER, post=True),
    "channel-switch": Address(of_object("channel"), Capability.ADMINISTER, post=True),
    "channel-secret": Address(of_object("channel"), Capability.ADMINISTER),
    "channel-delete": Address(of_object("old_channel"), Capability.ADMINISTER, post=True),
    "dead-letters": Address(of_tenant, Capability.ADMINISTER),
    "post-retry": Address(of_object("post"), Capability.ADMINISTER, post=True),
    "post-drop": Address(of_object("post"), Capability.ADMINISTER, post=True),
    "mail-retry": Address(of_object("mail"), Capability.ADMINISTER, post=True),
    "mail-drop": Address(of_object("mail"), Capability.ADMINISTER, post=True),
    "changes": Address(of_tenant, Capability.VIEW),
    "findings-past": Address(of_tenant, Capability.VIEW_ALL),
    "findings-past-csv": Address(of_tenant, Capability.VIEW_ALL),
    "exposure": Address(of_tenant, Capability.VIEW_ALL),
    "exposure-csv": Address(of_tenant, Capability.VIEW_ALL),
    "inventory": Address(of_tenant, Capability.VIEW_ALL),
    "inventory-csv": Address(of_tenant, Capability.VIEW_ALL),
    "watch-rule-add": Address(of_tenant, Capability.ADMINISTER),
    "watch-rule": Address(of_object("watch_rule"), Capability.ADMINISTER),
    "watch-rule-delete": Address(of_object("watch_rule"), Capability.ADMINISTER, post=True),
    "watch-rule-shipped": Address(of_tenant, Capability.ADMINISTER, post=True),
    "planned-change-cancel": Address(of_object("planned_change"), Capability.ADMINISTER, post=True),
    "resource-changes": Address(of_tenant, Capability.VIEW_ALL),
    "resource-changes-csv": Address(of_tenant, Capability.VIEW_ALL),
    "resource-changes-review": Address(
        of_tenant,
        Capability.TREAT,
        data=lambda world, tenant: {"change": world.of(tenant)["change"].pk},
        hidden_without=Capability.VIEW_ALL,
    ),
    "resource-change": Address(of_object("change"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "resource": Address(of_object("resource"), Capability.VIEW_ALL),
    "resource-compare": Address(of_object("resource"), Capability.VIEW_ALL),
    "resource-approve": Address(of_object("resource"), Capability.ADMINISTER, post=True),
    "resource-withdraw": Address(of_object("resource"), Capability.ADMINISTER, post=True),
    "resources-approve": Address(of_tenant, Capability.ADMINISTER),
    "findings-group": Address(
        lambda world, tenant: [tenant.slug, "storage-anonymous-access-disallowed"], Capability.VIEW
    ),
    "findings-groups": Address(of_tenant, Capability.VIEW),
    "findings-tags": Address(of_tenant, Capability.VIEW),
    "findings-facets": Address(of_tenant, Capability.VIEW),
    "findings-csv": Address(of_tenant, Capability.VIEW),
    "findings-xlsx": Address(of_tenant, Capability.VIEW),
    "findings-json": Address(of_tenant, Capability.VIEW),
    "findings-ocsf": Address(of_tenant, Capability.VIEW),
    "findings-oscal": Address(of_tenant, Capability.VIEW),
    "findings-bulk": Address(
        of_tenant,
        Capability.TREAT,
        post=True,
        data=lambda world, tenant: {"action": "acknowledge", "q": "", "count": "0"},
    ),
    "findings-view-save": Address(
        of_tenant, Capability.VIEW, post=True, data=lambda world, tenant: {"name": "Mine", "query": ""}
    ),
    "findings-view-change": Address(
        of_object("view"),
        Capability.VIEW,
        post=True,
        data=lambda world, tenant: {"name": "Ours"},
        only="organization_engineer",
    ),
    "findings-view-delete": Address(
        of_object("view"), Capability.VIEW, post=True, only="organization_engineer"
    ),
    "finding": Address(of_object("finding"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "finding-panel": Address(
        of_object("finding"), Capability.VIEW, hidden_without=Capability.VIEW_ALL, leads=True
    ),
    "finding-check": Address(
        of_object("finding"), Capability.TREAT, post=True, hidden_without=Capability.VIEW_ALL
    ),
    "finding-assign": Address(
        of_object("finding"), Capability.ASSIGN, post=True, data=lambda world, tenant: {"owner": ""}
    ),
    "finding-claim": Address(
        of_object("finding"), Capability.TREAT, post=True, hidden_without=Capability.VIEW_ALL
    ),
    "finding-acknowledge": Address(
        of_object("finding"), Capability.TREAT, hidden_without=Capability.VIEW_ALL
    ),
    "finding-take-back": Address(
        of_object("finding"), Capability.TREAT, post=True, hidden_without=Capability.VIEW_ALL
    ),
    "finding-comment": Address(
        of_object("finding"),
        Capability.TREAT,
        post=True,
        data=lambda world, tenant: {"body": "Since when?"},
        hidden_without=Capability.VIEW_ALL,
    ),
    "finding-mentions": Address(of_object("finding"), Capability.TREAT, hidden_without=Capability.VIEW_ALL),
    "comment-edit": Address(
        of_object("comment"),
        Capability.TREAT,
        hidden_without=Capability.VIEW_ALL,
        only="organization_engineer",
    ),
    "comment-delete": Address(
        of_object("comment"),
        Capability.TREAT,
        hidden_without=Capability.VIEW_ALL,
        only="organization_engineer",
    ),
    "batch-undo": Address(of_object("batch"), Capability.TREAT, post=True, only="organization_engineer"),
    "exceptions-export": Address(of_tenant, Capability.VIEW),
    "exception-request": Address(of_tenant, Capability.TREAT),
    "exception-mute-list": Address(of_tenant, Capability.TREAT),
    "exception": Address(of_object("exception"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "exception-approve": Address(of_object("exception"), Capability.APPROVE, post=True, data=approval),
    "exception-refuse": Address(
        of_object("exception"),
        Capability.APPROVE,
        post=True,
        data=lambda world, tenant: {"refuse-note": "Fix it this week."},
    ),
    "exception-withdraw": Address(
        of_object("exception"), Capability.TREAT, post=True, hidden_without=Capability.VIEW_ALL
    ),
    "exception-revoke": Address(
        of_object("exception"),
        Capability.APPROVE,
        post=True,
        data=lambda world, tenant: {"revoke-note": "No longer needed here."},
    ),
    "framework": Address(lambda world, tenant: ["cis-6.0.0"]),
    "framework-csv": Address(lambda world, tenant: ["cis-6.0.0"]),
    "framework-xlsx": Address(lambda world, tenant: ["mcsb-1"]),
    "tenant-framework": Address(of_framework, Capability.VIEW_ALL),
    "tenant-framework-csv": Address(of_framework, Capability.VIEW_ALL),
    "tenant-framework-xlsx": Address(of_framework, Capability.VIEW_ALL),
    "attestations-export": Address(of_tenant, Capability.VIEW),
    "attest": Address(of_object("manual"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "attestation-withdraw": Address(
        of_object("attestation"), Capability.ATTEST, post=True, hidden_without=Capability.VIEW_ALL
    ),
    "evidence-file": Address(of_object("file"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "assessment": Address(of_object("assessment"), Capability.VIEW),
    "scan": Address(of_object("scan_import"), Capability.VIEW_ALL),
    "scan-delete": Address(
        of_object("scan_import"),
        Capability.ATTEST,
        post=True,
        data=lambda world, tenant: {"reason": "The file belongs to another customer"},
        hidden_without=Capability.VIEW_ALL,
    ),
    "bulk-job": Address(of_object("bulk_job"), Capability.VIEW, hidden_without=Capability.VIEW_ALL),
    "bulk-job-cancel": Address(
        of_object("bulk_job"), Capability.TREAT, hidden_without=Capability.VIEW_ALL, post=True
    ),
    "bulk-job-undo": Address(
        of_object("bulk_job"), Capability.TREAT, hidden_without=Capability.VIEW_ALL, post=True
    ),
    "assessment-start": Address(of_tenant, Capability.ASSESS, post=True),
    "assessment-cancel": Address(of_object("assessment"), Capability.ASSESS, post=True),
    "assessment-retry": Address(of_object("assessment"), Capability.ASSESS, post=True),
    "report-build": Address(
        of_tenant,
        Capability.REPORT,
        post=True,
        data=lambda world, tenant: {
            "assessment": world.of(tenant)["assessment"].pk,
            "classification": "Internal",
        },
    ),
    "report": Address(
        lambda world, tenant: [tenant.slug, world.of(tenant)["report"].number], Capability.READ_REPORTS
    ),
    "report-revoke": Address(
        lambda world, tenant: [tenant.slug, world.of(tenant)["report"].number],
        Capability.REVOKE_REPORTS,
        post=True,
        data=lambda world, tenant: {"reason": "The period was wrong"},
    ),
    "reports-deleted": Address(of_tenant, Capability.READ_REPORTS),
    "report-revoke-deleted": Address(
        of_tenant,
        Capability.REVOKE_REPORTS,
        post=True,
        data=lambda world, tenant: {
            "sha256": world.of(tenant)["report"].sha256,
            "reason": "The period was wrong",
        },
        # This address revokes only deleted reports, but the report of the sample still exists.
        rejected=True,
    ),
    "report-download": Address(of_object("report"), Capability.READ_REPORTS),
    # The report of the sample has no manifest, so the answer is a redirect to a page that says why there is no bundle.
    "report-bundle": Address(of_object("report"), Capability.EVIDENCE, leads=True),
    "report-cancel": Address(of_object("report"), Capability.REPORT, post=True),
    "report-send-again": Address(of_object("report_delivery"), Capability.REPORT, post=True),
    "report-link-add": Address(
        lambda world, tenant: [tenant.slug, world.of(tenant)["report"].number], Capability.REPORT
    ),
    "report-link-revoke": Address(of_object("report_link"), Capability.REPORT, post=True),
    # The sample's token is unknown. tests/portal/web/reports/test_links.py opens real links.
    "report-link": Address(lambda world, tenant: ["unknown"], public=True, unknown=True),
    "report-schedule-add": Address(of_tenant, Capability.REPORT),
    "report-schedule": Address(of_object("report_schedule"), Capability.REPORT),
    "report-schedule-run": Address(of_object("report_schedule"), Capability.REPORT, post=True),
    "report-schedule-switch": Address(of_object("report_schedule"), Capability.REPORT, post=True),
    "report-schedule-confirm": Address(
        of_object("report_schedule"),
        Capability.MEMBERS,
        post=True,
        data=confirmed_recipients("report_schedule"),
    ),
    "report-schedule-remove": Address(of_object("report_schedule"), Capability.REPORT, post=True),
    "organization-report-schedule-add": Address(of_organization, Capability.ADMINISTER, in_organization=True),
    "organization-report-schedule": Address(
        of_organization_object("organization_report_schedule"), Capability.ADMINISTER, in_organization=True
    ),
    "organization-report-schedule-switch": Address(
        of_organization_object("organization_report_schedule"),
        Capability.ADMINISTER,
        in_organization=True,
        post=True,
    ),
    "organization-report-schedule-confirm": Address(
        of_organization_object("organization_report_schedule"),
        Capability.MEMBERS,
        in_organization=True,
        post=True,
        data=confirmed_recipients("organization_report_schedule"),
    ),
    "organization-report-schedule-run": Address(
        of_organization_object("organization_report_schedule"),
        Capability.ADMINISTER,
        in_organization=True,
        post=True,
    ),
    "organization-report-schedule-remove": Address(
        of_organization_object("organization_report_schedule"),
        Capability.ADMINISTER,
        in_organization=True,
        post=True,
    ),
    "journal-verify": Address(of_tenant, Capability.JOURNAL),
    "journal-csv": Address(of_tenant, Capability.JOURNAL),
    "journal-chain": Address(of_tenant, Capability.JOURNAL),
    "journal-entry": Address(lambda world, tenant: [tenant.slug, 2], Capability.JOURNAL),
    "parameter": Address(lambda world, tenant: [tenant.slug, "logging-retention-sql"], Capability.ADMINISTER),
    "profile-severity": Address(of_tenant, Capability.ADMINISTER, post=True),
    "profile-control-off": Address(
        of_tenant,
        Capability.ADMINISTER,
        post=True,
        data=lambda world, tenant: {"control": "storage-grs", "reason": "No need"},
    ),
    "profile-control-on": Address(
        lambda world, tenant: [tenant.slug, "storage-grs"], Capability.ADMINISTER, post=True
    ),
    "customer-export": Address(of_object("export"), Capability.OFFBOARD, post=True, sends_file=True),
    "exclusion-rule-add": Address(of_tenant, Capability.ADMINISTER),
    "exclusion-rule": Address(of_object("exclusion_rule"), Capability.ADMINISTER),
    "exclusion-rule-remove": Address(of_object("exclusion_rule"), Capability.ADMINISTER),
    "owner-rule-add": Address(of_tenant, Capability.ASSIGN),
    "owner-rules-apply": Address(of_tenant, Capability.ASSIGN, post=True),
    "owner-rule": Address(of_object("rule"), Capability.ASSIGN),
    "owner-rule-delete": Address(of_object("rule"), Capability.ASSIGN),
    "owner-rule-move": Address(
        of_object("rule"), Capability.ASSIGN, post=True, data=lambda world, tenant: {"to": "up"}
    ),
    "owner-rule-switch": Address(of_object("rule"), Capability.ASSIGN, post=True),
    "service-principal-add": Address(of_tenant, Capability.ADMINISTER),
    "preflight": Address(of_object("principal"), Capability.ADMINISTER),
    "service-principal": Address(of_object("principal"), Capability.ADMINISTER),
    "service-principal-check": Address(of_object("principal"), Capability.ADMINISTER, post=True),
    "service-principal-switch": Address(of_object("principal"), Capability.ADMINISTER, post=True),
    "subscriptions": Address(of_tenant, Capability.ADMINISTER),
    "registration": Address(of_tenant, Capability.ADMINISTER, leads=True),
    "registration-permissions": Address(of_tenant, Capability.ADMINISTER),
    "registration-credential": Address(of_tenant, Capability.ADMINISTER),
    "registration-check": Address(of_tenant, Capability.ADMINISTER),
    "registration-subscriptions": Address(of_tenant, Capability.ADMINISTER),
    "registration-schedule": Address(of_tenant, Capability.ADMINISTER),
    "registration-assessment": Address(of_tenant, Capability.ADMINISTER),
    "registration-end": Address(of_tenant, Capability.ADMINISTER, post=True),
    # Called after the addresses above, because it deletes the object that they need.
    "service-principal-remove": Address(of_object("principal"), Capability.ADMINISTER, post=True),
}
# Addresses whose arguments name no tenant, but, for example, a slug of the catalogue or a token.
WITHOUT_TENANT = {
    "control",
    "framework",
    "framework-csv",
    "framework-xlsx",
    "unsubscribe",
    "invitation",
    "invitation-sso",
    "emergency",
    "first-start",
    "report-link",
    "report-schema",
    "account-api-token-revoke",
}


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, route)
        else:
            yield route, entry


def call(client: Client, name: str, world: World, tenant: Tenant) -> int:
    address = ADDRESSES[name]
    url = reverse(name, args=address.arguments(world, tenant))
    return (client.post if address.post else client.get)(url, address.data(world, tenant)).status_code


def client_of(who: Person | None) -> Client:
    return Client() if who is None else signed_in_client(who)


def held(address: Address, role: Role) -> frozenset[Capability]:
    """Return the role's capabilities for the address. A role in a customer has none if the address requires a role in
    the organization.
    """
    is_held = not address.in_organization or address.in_customers or role in ORGANIZATION_ROLES
    return CAPABILITIES[role] if is_held else frozenset()


def expected(address: Address, role: Role) -> int:
    if address.unknown:
        return 404
    allowed = held(address, role)
    if address.hidden_without is not None and address.hidden_without not in allowed:
        return 404
    if address.only_whole and role is Role.TENANT_ADMINISTRATOR:
        return 404
    if address.needs is not None and not allowed & {address.needs, address.also}:
        return 403
    if address.only and address.only != role.value:
        return 403
    if address.rejected:
        return 400
    return 302 if (address.post and not address.sends_file) or address.leads else 200

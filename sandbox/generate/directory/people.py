"""Generate the users, guests and groups of a directory. They are kept in memory, because a directory is small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sandbox.generate.names import FAMILY, GIVEN, PARTNER_DOMAINS
from sandbox.generate.random_source import RandomSource

MAX_USERS = 5000
GuestState = Literal["used", "new", "pending", "stale", "never", ""]


@dataclass(slots=True)
class Person:
    """A user or a guest, with the properties that controls evaluate."""

    id: str
    name: str
    upn: str
    mail: str
    guest: GuestState = ""  # Empty if the person is a member.
    enabled: bool = True
    mfa_capable: bool = True
    weak_password: bool = False
    active_roles: list[str] = field(default_factory=list)
    eligible_roles: list[str] = field(default_factory=list)
    by_group: bool = False  # The person has a directory role through a group.
    may_join_admins: bool = False  # The person can activate membership of a group with a directory role.
    writes_azure: bool = False
    owns_azure: bool = False
    synchronised: bool = False  # The account is copied from an on-premises directory.
    blocked_with_role: bool = False  # The account is disabled, but has a role in Azure.
    signs_in_to_machines: bool = False  # The person has a role for signing in to virtual machines.
    unused: bool = False  # The person has not signed in for a long time.

    @property
    def privileged(self) -> bool:
        return bool(self.active_roles or self.eligible_roles or self.by_group or self.may_join_admins)


@dataclass(frozen=True)
class EligibleMember:
    """The right of a principal to activate membership or ownership of a group (PIM for Groups).

    `group` and `principal` are object ids.
    """

    group: str
    principal: str
    access: Literal["member", "owner"]


@dataclass
class Directory:
    """The people of one Entra directory.

    - `synchronisers`: the accounts of Entra Connect, which exist if Entra Connect copies users from an on-premises
      directory. They are not in `members`
    - `nested`: the id of a group that can become a member or owner of the group `admins_group`. The members of the
      nested group are unknown
    - `foreign_writers`: whether a group of another directory can change resources
    - `mfa_form`: how the directory requires MFA (`sandbox.generate.policies`)
    """

    guid: str
    mail_domain: str
    initial_domain: str
    members: list[Person]
    guests: list[Person]
    operators_group: str
    operators: list[Person]
    admins_group: str
    admins: list[Person]
    synchronisers: list[Person] = field(default_factory=list)
    eligible: list[EligibleMember] = field(default_factory=list)
    nested: str = ""
    foreign_writers: bool = False
    mfa_form: str = ""

    @property
    def active_members(self) -> list[Person]:
        return [m for m in self.members if m.enabled]

    def subject(self, person: Person | None = None) -> str:
        """Return the subject of a finding on the directory or on one of its users."""
        return f"directory:{self.guid}" + (f"/users/{person.id}" if person else "")


# Ids of privileged built-in directory roles.
DIRECTORY_ROLES = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "b1be1c3e-5b65-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
}


# Roles of the account with which Entra Connect writes to the directory. This account cannot use MFA.
# https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
SYNCHRONISATION_ROLES = {
    "d29b2b05-8046-44ba-8758-1e26182fcf32": "Directory Synchronization Accounts",
    "a92aed5d-d78a-4d16-b381-09adb37eb3b0": "On Premises Directory Sync Account",
}


def generate_directory(rng: RandomSource, guid: str, slug: str, subscriptions: int) -> Directory:
    """Return the people of a directory. A directory with more subscriptions has more people."""
    mail_domain, initial = f"{slug}.example.com", f"{slug}.onmicrosoft.com"
    count = min(20 + 5 * subscriptions, MAX_USERS)
    members = [_member(rng, index, mail_domain) for index in range(count)]
    members[0].enabled = members[1].enabled = members[2].enabled = True
    guests = [
        _guest(rng, i, initial) for i in range(0 if rng.chance(0.25) else rng.randrange(1, 4 + count // 5))
    ]
    active = [m for m in members if m.enabled]
    roles = list(DIRECTORY_ROLES)
    members[0].active_roles.append(roles[0])
    for person in rng.sample(active, min(len(active), 4)):
        (person.active_roles if rng.chance(0.5) else person.eligible_roles).append(rng.pick(roles))
    disabled = [m for m in members if not m.enabled]
    if disabled:
        disabled[0].active_roles.append(roles[3])
    admins = rng.sample(active, 2)
    for person in admins:
        person.by_group = True
    operators = rng.sample(active, 3)
    directory = Directory(
        guid, mail_domain, initial, members, guests, rng.guid(), operators, rng.guid(), admins
    )
    # Let at least two people be Global Administrators, or be able to activate this role. As a random fault, there may
    # be only one such person.
    members_with_role = [m for m in members if roles[0] in m.active_roles + m.eligible_roles]
    if len(members_with_role) < 2 and not rng.branch("global administrators").often_faulty():
        next(m for m in active if m not in members_with_role).eligible_roles.append(roles[0])
    _synchronise(rng.branch("synchronisation"), directory)
    _make_eligible(rng.branch("eligible members"), directory)
    return directory


def _make_eligible(rng: RandomSource, directory: Directory) -> None:
    """Rarely, make some people eligible members or owners of a group that has a role.

    The group of administrators can also get a guest (a random fault), and a group with unknown members
    (`Directory.nested`).
    """
    if not rng.rare():
        return
    access: tuple[Literal["member", "owner"], ...] = ("member", "member", "owner")

    def add(group: str, principal: str) -> None:
        directory.eligible.append(EligibleMember(group, principal, rng.pick(access)))

    for person in rng.sample(directory.active_members, 3):
        if rng.chance(0.5):
            person.may_join_admins = True
            add(directory.admins_group, person.id)
        else:
            # The group of operators can change resources in all subscriptions.
            person.writes_azure = True
            add(directory.operators_group, person.id)
    guests = [guest for guest in directory.guests if guest.enabled and guest.mfa_capable]
    if guests and rng.faulty():
        guest = rng.pick(guests)
        guest.may_join_admins = True
        add(directory.admins_group, guest.id)
    if rng.chance(0.3):
        directory.nested = rng.guid()
        add(directory.admins_group, directory.nested)


def _synchronise(rng: RandomSource, directory: Directory) -> None:
    """Rarely, let Entra Connect copy users from an on-premises directory.

    As a random fault, the account of Entra Connect has a further role, for which it would need MFA.
    https://learn.microsoft.com/entra/identity/hybrid/connect/reference-connect-accounts-permissions
    """
    if not rng.rare():
        return
    for person in directory.members:
        person.synchronised = rng.chance(0.7)
    server, suffix = f"SRV-SYNC{rng.randrange(1, 9):02}", f"{rng.getrandbits(48):012x}"
    name = f"Sync_{server}_{suffix}@{directory.initial_domain}"
    account = Person(
        id=rng.guid(),
        name="On-Premises Directory Synchronization Service Account",
        upn=name,
        mail="",
        mfa_capable=False,
        active_roles=[rng.pick(tuple(SYNCHRONISATION_ROLES))],
    )
    if rng.faulty():
        account.active_roles.append(list(DIRECTORY_ROLES)[3])
    directory.synchronisers.append(account)


def _member(rng: RandomSource, index: int, domain: str) -> Person:
    given, family = rng.pick(GIVEN), rng.pick(FAMILY)
    local = f"{given}.{family}{index or ''}".lower()
    return Person(
        id=rng.guid(),
        name=f"{given} {family}",
        upn=f"{local}@{domain}",
        mail=f"{local}@{domain}",
        enabled=not rng.chance(0.08),
        mfa_capable=not rng.faulty(),
    )


def _guest(rng: RandomSource, index: int, initial: str) -> Person:
    given, family, home = rng.pick(GIVEN), rng.pick(FAMILY), rng.pick(PARTNER_DOMAINS)
    local = f"{given}.{family}{index}".lower()
    good: tuple[GuestState, ...] = ("used", "used", "new")
    bad: tuple[GuestState, ...] = ("pending", "stale", "never")
    return Person(
        id=rng.guid(),
        name=f"{given} {family}",
        upn=f"{local}_{home}#EXT#@{initial}",
        mail=f"{local}@{home}",
        guest=rng.pick(bad if rng.faulty() else good),
        enabled=not rng.chance(0.1),
        mfa_capable=rng.chance(0.7),
    )

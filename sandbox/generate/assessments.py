"""Generate assessments of Defender for Cloud: metadata and results. The pages of Defender call them recommendations.

Format: Microsoft.Security/assessments and assessmentMetadata 2021-06-01, subAssessments 2019-01-01-preview.
Recommendations to update software are assessments of the category SoftwareUpdate, in the format of Resource Graph.
Expected verdicts: defender-no-open-recommendations.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription


@dataclass(frozen=True)
class Kind:
    """The metadata of a kind of recommendation."""

    guid: str
    title: str
    severity: str
    category: str
    origin: str = "BuiltIn"


EDR = Kind(
    "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c",
    "EDR solution should be installed on Virtual Machines",
    "High",
    "Compute",
)
VULNERABILITIES = Kind(
    "1195afff-c881-495e-9bc5-1486211ae03f",
    "Machines should have vulnerability findings resolved",
    "Low",
    "Compute",
)
# In some clouds, Defender has replaced REGISTRY_IMAGES and RUNNING_IMAGES by one recommendation for each software
# update of a single image or container (`write_image_update`).
REGISTRY_IMAGES = Kind(
    "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
    "Azure registry container images should have vulnerabilities resolved",
    "High",
    "Container",
)
RUNNING_IMAGES = Kind(
    "c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5",
    "Azure running container images should have vulnerabilities resolved",
    "High",
    "Container",
)
_OWNERS = Kind(
    "2c79b4af-f830-b61e-92b9-63dfa30f16e4",
    "There should be more than one owner assigned to subscriptions",
    "High",
    "IdentityAndAccess",
)
_CONTACT = Kind(
    "a1000000-0000-4000-8000-000000000001",
    "Subscription has a security contact",
    "Low",
    "Compute",
    "CustomerManaged",
)
_LOGS = Kind(
    "a1000000-0000-4000-8000-000000000002", "Log data is protected", "Medium", "Data", "CustomerManaged"
)
# This recommendation is only about resolving findings of vulnerability assessments. A control must not accept it as
# proof that databases are assessed.
_DATABASE_FINDINGS = Kind(
    "82e20e14-edc5-4373-bfc4-f13121257c37",
    "SQL databases should have vulnerability findings resolved",
    "High",
    "Data",
)
# Controls must find recommendations by id, not by name. _NAMESAKE is a recommendation that a customer created with the
# name of Defender's recommendation EDR. In some subscriptions, the results of EDR have the name _OTHER_TITLE, which
# was the name of an earlier recommendation of Defender.
# https://learn.microsoft.com/azure/defender-for-cloud/create-custom-recommendations
_NAMESAKE = Kind("a1000000-0000-4000-8000-000000000003", EDR.title, "Low", "Compute", "CustomerManaged")
_OTHER_TITLE = "Endpoint protection should be installed on machines"
_ALL = (EDR, VULNERABILITIES, REGISTRY_IMAGES, RUNNING_IMAGES, _OWNERS, _CONTACT, _LOGS)
# Forms of recommendations to update software of a machine. `overdue` and `undated` recommendations count as open for
# too long, and fail defender-no-open-recommendations. An `overdue` one also makes the machine fail vm-software-patches.
UPDATES = ("overdue", "recent", "undated", "minor")


def write_kinds(sub: Subscription) -> None:
    """Write the metadata of all recommendations. Only the metadata contain the severity of a recommendation."""
    sub.rare_recommendations = sub.rng.branch("rare recommendations").rare()
    for kind in (*_ALL, *((_DATABASE_FINDINGS, _NAMESAKE) if sub.rare_recommendations else ())):
        properties = {
            "displayName": kind.title,
            "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{kind.guid}",
            "description": kind.title,
            "remediationDescription": "See the recommendation's page.",
            "categories": [kind.category],
            "severity": kind.severity,
            "userImpact": "Low",
            "implementationEffort": "Low",
            "assessmentType": kind.origin,
        }
        sub.write(None, "Microsoft.Security/assessmentMetadata", kind.guid, properties)


def write_assessment(
    sub: Subscription,
    resource: str,
    kind: Kind,
    *,
    healthy: bool,
    min_days: int,
    max_days: int,
    cause: str = "",
    code: str = "",
) -> None:
    """Write the result of a recommendation for a resource. The result is `min_days` to `max_days` days old.

    Usually, the dates of the first evaluation and of the last change of status are equal. Rarely, one of the dates is
    absent, or the first evaluation was earlier than the last change.
    """
    moment = sub.rng.arm_timestamp(min_days, max_days)
    dates = {"firstEvaluationDate": moment, "statusChangeDate": moment}
    rare = sub.rng.branch(f"{resource}/{kind.guid}")
    if rare.rare():
        absent = rare.pick(("firstEvaluationDate", "statusChangeDate", ""))
        dates.pop(absent, None)
        if not absent:
            dates["firstEvaluationDate"] = rare.arm_timestamp(400, 900)
    renamed = kind is EDR and sub.rare_recommendations and rare.chance(0.5)
    sub.out.document(
        {
            "id": f"{resource}/providers/Microsoft.Security/assessments/{kind.guid}",
            "name": kind.guid,
            "type": "Microsoft.Security/assessments",
            "properties": {
                "resourceDetails": {"source": "Azure", "id": resource},
                "displayName": _OTHER_TITLE if renamed else kind.title,
                "status": {
                    "code": code or ("Healthy" if healthy else "Unhealthy"),
                    "cause": cause,
                    "description": "",
                    **dates,
                },
                "additionalData": {},
            },
        }
    )


def write_vulnerability(sub: Subscription, machine: str, severity: str, min_days: int, max_days: int) -> None:
    """Write a vulnerability that Defender found on a machine."""
    rng = sub.rng
    name = rng.guid()
    cve = f"CVE-2026-{rng.randrange(1000, 49999)}"
    moment = rng.arm_timestamp(min_days, max_days)
    parent = f"{machine}/providers/Microsoft.Security/assessments/{VULNERABILITIES.guid}"
    sub.out.document(
        {
            "id": f"{parent}/subAssessments/{name}",
            "name": name,
            "type": "Microsoft.Security/assessments/subAssessments",
            "properties": {
                "id": cve,
                "displayName": f"{cve} in openssl",
                "status": {"code": "Unhealthy", "cause": "", "description": "", "severity": severity},
                "remediation": "Update the package.",
                "impact": "Remote code execution",
                "category": "ServerVulnerability",
                "description": cve,
                "timeGenerated": moment,
                "resourceDetails": {"source": "Azure", "id": machine},
                "additionalData": {
                    "assessedResourceType": "ServerVulnerabilityTvm",
                    "cve": [{"title": cve, "link": f"https://nvd.nist.gov/vuln/detail/{cve}"}],
                    "publishedTime": moment,
                    "patchable": True,
                },
            },
        }
    )


def write_recommendations(sub: Subscription) -> None:
    """Write the results of recommendations on the subscription itself.

    As a random fault, the recommendation `_OWNERS` is open for too long. No other result makes the control
    defender-no-open-recommendations fail, because the other results are healthy, exempt or recent, or have a severity
    below High.
    """
    late = sub.rng.faulty()
    write_assessment(sub, sub.id, _CONTACT, healthy=sub.contact.mails_alerts, min_days=40, max_days=300)
    if late:  # The failing verdict is on the recommendation, not on the subscription.
        write_assessment(sub, sub.id, _OWNERS, healthy=False, min_days=40, max_days=300)
        _expect_overdue(sub, _OWNERS.guid)
        return
    form = sub.rng.pick(("healthy", "young", "exempt"))
    if form == "exempt":
        write_assessment(
            sub,
            sub.id,
            _OWNERS,
            healthy=True,
            min_days=40,
            max_days=300,
            cause="Exempt",
            code="NotApplicable",
        )
    elif form == "young":
        write_assessment(sub, sub.id, _OWNERS, healthy=False, min_days=2, max_days=20)
    else:
        write_assessment(sub, sub.id, _OWNERS, healthy=True, min_days=40, max_days=300)
    write_assessment(sub, sub.id, _LOGS, healthy=False, min_days=40, max_days=300)


def write_software_update(sub: Subscription, machine: str, form: str) -> None:
    """Write a recommendation to update software of a machine. Nobody has followed the recommendation yet.

    `form` is one of `UPDATES`. Source:
    https://learn.microsoft.com/azure/defender-for-cloud/transition-grouped-individual-recommendations
    """
    rng = sub.rng.branch(f"{machine}/update")
    name = rng.guid()
    status: Json = {"code": "Unhealthy", "cause": "", "description": ""}
    if form != "undated":
        moment = rng.arm_timestamp(45, 200) if form in ("overdue", "minor") else rng.arm_timestamp(2, 20)
        status |= {"firstEvaluationDate": moment, "statusChangeDate": moment}
        if rng.branch("dates").rare():
            del status["statusChangeDate"]
    severity = "Medium" if form == "minor" else rng.pick(("High", "Critical"))
    sub.out.document(
        {
            "id": f"{machine}/providers/Microsoft.Security/assessments/{name}",
            "name": name,
            "type": "Microsoft.Security/assessments",
            "properties": {
                "resourceDetails": _queried("microsoft.compute/virtualmachines", machine),
                "displayName": f"Update {rng.pick(('OpenSSL', 'Mozilla Firefox', '7-Zip', 'Git'))}",
                "status": status,
                "metadata": {"severity": severity, "recommendationCategory": "SoftwareUpdate"},
            },
        }
    )
    if form in ("overdue", "undated"):
        _expect_overdue(sub, name)


def write_image_update(sub: Subscription, resource: str, resource_type: str) -> None:
    """Write a recommendation to update software of an image in a registry or of a container in a cluster.

    The recommendation is too recent to fail defender-no-open-recommendations. Source of such recommendations:
    https://learn.microsoft.com/azure/defender-for-cloud/release-notes (2026-03-04)
    """
    rng = sub.rng.branch(f"{resource}/image update")
    name, moment = rng.guid(), rng.arm_timestamp(2, 20)
    sub.out.document(
        {
            "id": f"{resource}/providers/Microsoft.Security/assessments/{name}",
            "name": name,
            "type": "Microsoft.Security/assessments",
            "properties": {
                "resourceDetails": _queried(resource_type, f"{resource}/images/{rng.guid()}"),
                "displayName": f"Update {rng.pick(('OpenSSL', 'curl', 'zlib'))}",
                "status": {"code": "Unhealthy", "firstEvaluationDate": moment, "statusChangeDate": moment},
                "metadata": {
                    "severity": rng.pick(("Medium", "High")),
                    "recommendationCategory": "SoftwareUpdate",
                },
            },
        }
    )


def _queried(resource_type: str, resource: str) -> Json:
    """Return `resourceDetails` with the keys of two APIs: `source` and `id` as in the list of assessments, and
    `Source`, `Id` and `ResourceType` as in Resource Graph.
    """
    listed = {"source": "Azure", "id": resource}
    return listed | {"Source": "Azure", "Id": resource, "ResourceType": resource_type}


def write_namesake(sub: Subscription, machine: str) -> None:
    """Rarely, write the result of `_NAMESAKE`, a customer's recommendation with the same name as Defender's `EDR`."""
    with sub.branch(f"{machine}/namesake"):
        if sub.rare_recommendations and sub.rng.chance(0.5):
            write_assessment(sub, machine, _NAMESAKE, healthy=True, min_days=40, max_days=300)


def write_database_findings(sub: Subscription, database: str) -> None:
    """Rarely, write a recommendation to resolve the findings of a database. A faulty recommendation is open for too
    long.
    """
    if not sub.rare_recommendations:
        return
    with sub.branch(f"{database}/findings"):
        overdue = sub.rng.faulty()
        days = (40, 300) if overdue else (2, 20)
        write_assessment(sub, database, _DATABASE_FINDINGS, healthy=False, min_days=days[0], max_days=days[1])
        if overdue and sub.next_number("overdue findings") == 1:
            _expect_overdue(sub, _DATABASE_FINDINGS.guid)


def _expect_overdue(sub: Subscription, name: str) -> None:
    """Write the expected failing verdict on a recommendation that is open for too long."""
    subject = sub.id_of(None, "Microsoft.Security/assessments", name)
    sub.expect("defender-no-open-recommendations", subject, "fail")
    sub.has_overdue_recommendation = True


def expect_recommendations(sub: Subscription) -> None:
    """Write the expected passing verdict on a subscription without a recommendation that is open for too long.

    Call this after writing all recommendations.
    """
    if not sub.has_overdue_recommendation:
        sub.expect("defender-no-open-recommendations", sub.id, "pass")

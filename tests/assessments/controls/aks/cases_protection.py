"""Network policies, the sensor of Defender and add-ons of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.aks.cases_cluster_settings import ID, NO_LIST, NONE, one
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PLAN = f"{SUB}/providers/Microsoft.Security/pricings/Containers"


def network(**profile: Any) -> dict[str, Any]:
    return one(networkProfile={"networkPlugin": "azure", **profile})


def sensor(on: Any, tier: Any = "Standard") -> dict[str, Any]:
    docs = one(securityProfile={"defender": {"securityMonitoring": {"enabled": on}}})
    return {**docs, "defender_pricings": [doc(PLAN, {"pricingTier": tier})]}


def addons(**found: Any) -> dict[str, Any]:
    return one(addonProfiles={name: {"enabled": on} for name, on in found.items()})


def metrics(on: Any, **more: Any) -> dict[str, Any]:
    return one(azureMonitorProfile={"metrics": {"enabled": on}}, **more)


def insights(identity: Any, name: str = "omsagent") -> dict[str, Any]:
    """Return the add-ons of a cluster with Container insights and this value of `useAADAuth`."""
    return {"addonProfiles": {name: {"enabled": True, "config": {"useAADAuth": identity}}}}


INSIGHTS = insights("true")
ONLY = {"params": {"metrics_only": True}}

ABSENCE_PASSES = [
    (
        "aks-netpol",
        r"properties\.networkProfile\.networkPolicy",
        "the data plane of Cilium enforces policies itself",
    ),
]
CASES = [
    *rows(
        "aks-netpol",
        ("azure", network(networkPolicy="azure"), {ID: "pass"}, {"remark": "30 September 2028"}),
        ("calico", network(networkPolicy="Calico"), {ID: "pass"}, {"remark": "which network policies"}),
        ("calico is supported", network(networkPolicy="calico"), {ID: "pass"}, {"no_remark": "support"}),
        ("cilium", network(networkPolicy="cilium", networkDataplane="cilium"), {ID: "pass"}),
        (
            "data plane alone",
            network(networkDataplane="cilium"),
            {ID: "pass"},
            {"remark": "which network policies"},
        ),
        ("data plane, empty", network(networkPolicy="", networkDataplane="cilium"), {ID: "pass"}),
        ("other data plane", network(networkDataplane="azure"), {ID: "fail"}, {"no_remark": "which network"}),
        ("none", network(networkPolicy="none"), {ID: "fail"}, {"no_remark": "which network policies"}),
        ("none with cilium", network(networkPolicy="none", networkDataplane="cilium"), {ID: "fail"}),
        ("null", network(networkPolicy=None), {ID: "fail"}),
        ("absent", network(), {ID: "fail"}),
        ("no profile", one(), {ID: "fail"}),
        ("new engine", network(networkPolicy="ebpf"), {ID: "unknown"}),
        ("new data plane", network(networkDataplane="ebpf"), {ID: "unknown"}),
        ("plugin of the customer", network(networkPlugin="none"), {ID: "manual"}),
        ("plugin of the customer, none", network(networkPlugin="none", networkPolicy="none"), {ID: "manual"}),
        (
            "plugin of the customer, engine",
            network(networkPlugin="none", networkPolicy="calico"),
            {ID: "pass"},
        ),
        ("kubenet", network(networkPlugin="kubenet"), {ID: "fail"}),
        ("new plugin", network(networkPlugin="moon"), {ID: "unknown"}),
        ("profile is text", one(networkProfile="azure"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-defender",
        ("on", sensor(True), {ID: "pass"}),
        ("off", sensor(False), {ID: "fail"}, {"remark": "installed with Helm"}),
        ("off, and plan off", sensor(False, "Free"), {ID: "fail"}, {"reason": "is off in the settings"}),
        ("plan off", sensor(True, "Free"), {ID: "fail"}, {"reason": "the plan for containers is off"}),
        ("absent", {**one(), "defender_pricings": sensor(True)["defender_pricings"]}, {ID: "fail"}),
        (
            "not registered",
            {**sensor(True), "defender_pricings": {SUB: []}},
            {ID: "fail"},
            {"reason": "not registered"},
        ),
        (
            "plan not listed",
            {
                **sensor(True),
                "defender_pricings": [doc(PLAN.replace("Containers", "Arm"), {"pricingTier": "Free"})],
            },
            {ID: "unknown"},
        ),
        ("new tier", sensor(True, "Gold"), {ID: "unknown"}),
        (
            "plans are forbidden",
            {key: value for key, value in sensor(True).items() if key != "defender_pricings"},
            {ID: "unknown"},
            {"gaps": [gap("defender_pricings")]},
        ),
        ("text", sensor("true"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-monitor",
        ("metrics", metrics(True), {ID: "pass"}),
        ("metrics, only", metrics(True), {ID: "pass"}, ONLY),
        ("insights", one(**INSIGHTS), {ID: "pass"}),
        ("insights, other spelling", one(**insights("True", "omsAgent")), {ID: "pass"}),
        ("insights, not accepted", one(**INSIGHTS), {ID: "fail"}, ONLY),
        ("insights, metrics off", metrics(False, **INSIGHTS), {ID: "pass"}),
        (
            "insights, workspace key",
            one(**insights("false")),
            {ID: "fail"},
            {"reason": "key of its workspace"},
        ),
        (
            "insights, identity is null",
            one(**insights(None)),
            {ID: "fail"},
            {"reason": "key of its workspace"},
        ),
        ("insights, no settings", addons(omsagent=True), {ID: "fail"}, {"reason": "key of its workspace"}),
        ("insights, new value", one(**insights("maybe")), {ID: "unknown"}),
        ("metrics, and insights", metrics(True, **INSIGHTS), {ID: "pass"}, {"no_remark": "key"}),
        (
            "metrics, workspace key",
            metrics(True, **insights("false")),
            {ID: "pass"},
            {"remark": "key of its"},
        ),
        (
            "two spellings",
            one(addonProfiles={"omsAgent": {"enabled": False}, **INSIGHTS["addonProfiles"]}),
            {ID: "pass"},
        ),
        ("both off", metrics(False, addonProfiles={"omsagent": {"enabled": False}}), {ID: "fail"}),
        ("other add-on", addons(azurepolicy=True), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("text", metrics("true"), {ID: "unknown"}),
        ("add-on is text", addons(omsagent="true"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-policy-addon",
        ("on", addons(azurepolicy=True), {ID: "pass"}),
        ("other spelling", addons(azurePolicy=True), {ID: "pass"}),
        ("off", addons(azurepolicy=False), {ID: "fail"}),
        ("other add-on", addons(omsagent=True), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("text", addons(azurepolicy="yes"), {ID: "unknown"}),
        ("add-on is a list", one(addonProfiles=[]), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
aks-defender fail: clustername1
aks-monitor fail: clustername1
aks-netpol fail: clustername1
aks-policy-addon fail: clustername1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Microsoft Defender for Cloud › Settings"
        " › Defender sensor › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/defender-for-containers-azure-enable-portal.md",
            "08eb1ca382fad6e155e812664dcc97d4bdf5b7c4",
            "In the left menu under the cluster name, select Microsoft Defender for Cloud",
            "select Settings in the top row, locate the Defender sensor row, and toggle it to On",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Monitor › Monitor Settings",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/containers/kubernetes-monitoring-enable.md",
            "005411c2ae0b1234548af8c9312231d443eee023",
            "In the service menu, select Monitor and then Monitor Settings",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Networking › Network profile › Network policy engine",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/use-network-policies-in-the-azure-portal.md",
            "d411a766cc266f1a2d8f34f363862358a6e6f3b7",
            (
                "From the service menu, select Networking. Under the Network profile, verify you have a "
                "Network policy engine"
            ),
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Policies › Enable add-on",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/governance/policy/concepts/policy-for-kubernetes.md",
            "0145507e13643c2bff334c90af58a42a843385f7",
            "searching for and selecting Kubernetes services",
            "Select Policies on the left side of the Kubernetes service page",
            "select the Enable add-on button",
        ),
    ),
]

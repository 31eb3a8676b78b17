"""Alert rules and action groups."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, arm, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.logs import cross_subscription
from assessments.estate.sdk_operation import Library, of_resource, of_subscription

ACTIVITY_LOG_ALERTS = arm(
    "activity_log_alerts",
    "Microsoft.Insights/activityLogAlerts@2020-10-01",
    "Activity log alerts",
    operation=of_subscription(Library.MONITOR, "activity_log_alerts", "list_by_subscription_id"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2017-04-01",
        "monitor/resource-manager/Microsoft.Insights/stable/2017-04-01/activityLogAlerts_API.json",
        {"anyOf": "2020-10-01", "containsAny": "2020-10-01"},
    ),
)
VISIBLE_SUBSCRIPTIONS = arm(
    "visible_subscriptions",
    "Microsoft.Resources/subscriptions@2022-12-01",
    "Subscriptions that may have alert rules for this subscription",
    path="{scope}",
    after=("activity_log_alerts",),
    targets=cross_subscription.visible_subscriptions,
    keep=cross_subscription.may_be_read,
    shared=True,
    error_codes=GENERAL,
    **since(
        "2018-06-01", "resources/resource-manager/Microsoft.Resources/stable/2018-06-01/subscriptions.json"
    ),
    definition=Definition("azure.mgmt.resource.subscriptions.models:Subscription"),
)
OTHER_SUBSCRIPTION_ALERTS = arm(
    "alerts_elsewhere",
    "Microsoft.Insights/activityLogAlerts@2020-10-01",
    "Activity log alerts in other subscriptions",
    after=("visible_subscriptions",),
    targets=cross_subscription.queryable_subscriptions,
    keep=cross_subscription.concerns_unit,
    shared=True,
    operation=of_subscription(Library.MONITOR, "activity_log_alerts", "list_by_subscription_id"),
    error_codes=GENERAL,
    **since(
        "2017-04-01",
        "monitor/resource-manager/Microsoft.Insights/stable/2017-04-01/activityLogAlerts_API.json",
        {"anyOf": "2020-10-01", "containsAny": "2020-10-01"},
    ),
)
ALERT_PROCESSING_RULES = arm(
    "alert_processing_rules",
    "Microsoft.AlertsManagement/actionRules@2021-08-08",
    "Alert processing rules",
    error_codes=GENERAL,
    **since(
        "2021-08-08",
        "alertsmanagement/resource-manager/Microsoft.AlertsManagement/AlertProcessingRules/stable/2021-08-08"
        "/AlertProcessingRules.json",
    ),
    definition=Definition("AlertProcessingRule", commit="2eb69bb6c26de27c7ec272fb089b7088967a7003"),
)
ACTION_GROUPS = arm(
    "action_groups",
    "Microsoft.Insights/actionGroups@2023-01-01",
    "Action groups",
    operation=of_subscription(Library.MONITOR, "action_groups", "list_by_subscription_id"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2018-09-01",
        "monitor/resource-manager/Microsoft.Insights/stable/2018-09-01/actionGroups_API.json",
        {"properties.eventHubReceivers": "2021-09-01"},
    ),
)
FOREIGN_ACTION_GROUPS = arm(
    "foreign_action_groups",
    "Microsoft.Insights/actionGroups@2023-01-01",
    "Action groups in other subscriptions",
    path="{scope}",
    after=("activity_log_alerts", "alerts_elsewhere", "alert_processing_rules", "action_groups"),
    targets=t.foreign_action_groups,
    operation=of_resource(Library.MONITOR, "action_groups", "get"),
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2018-09-01",
        "monitor/resource-manager/Microsoft.Insights/stable/2018-09-01/actionGroups_API.json",
        {"properties.eventHubReceivers": "2021-09-01"},
    ),
)

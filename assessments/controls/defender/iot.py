"""The control defender-iot: Defender for IoT covers every IoT hub.

Source: https://learn.microsoft.com/rest/api/defenderforcloud/iot-security-solution (2019-08-01)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judge, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import complete_resources
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.defender import IOT_HUBS, IOT_SOLUTIONS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable, segment

_STATUSES: Final = frozenset({"enabled", "disabled"})


@judgements(
    needs=(RESOURCES, IOT_SOLUTIONS),
    subject_type=IOT_HUBS,
    empty_reason="No IoT hubs",
    severity=Severity.LOW,
    labels={"solution": "Security solution"},
    feature=Feature.DEFENDER,
    references=References(
        c2="2.2.1", c3="3.2.1", c4="9.2.1", c5="8.2.1", c6="8.2.1", mcsb="LT-1*", nist="SI-4*"
    ),
    fix=Fix(
        command(
            'LOCATION="$(az resource show --ids {id} --query location --output tsv)"\n'
            'az security iot-solution create --resource-group {group} --location "$LOCATION" --solution-name {hub}'
            " --display-name {hub} --iot-hubs {id} --subscription {subscription}"
        ),
        portal="Azure portal › IoT Hub › {hub} › Defender for IoT › Overview › Secure your IoT solution",
        portal_source="https://learn.microsoft.com/azure/defender-for-iot/device-builders/quickstart-onboard-iot-hub",
        cost="Azure bills Defender for IoT by the number of devices and messages.",
        variables=[Variable("hub", "Name of the IoT hub", "iot-shop", "the IoT hub", segment("IotHubs"))],
    ),
)
def iot(ctx: Context) -> Iterator[Judgement]:
    """Defender for IoT covers every IoT hub.

    Problem: IoT hub without Defender for IoT
    Expected: An enabled security solution contains the IoT hub
    Judged: Each IoT hub of the inventory. Passes if an enabled IoT security solution of the subscription names the hub
    in `iotHubs`. A remark says if some data sources of the solution are disabled.
    Why: Devices are seldom updated, and an attacker who controls one can send false data to the hub.
    """
    hubs = [view for view in ctx.partial(RESOURCES)[0] if fold(str(view.raw("type"))) == fold(IOT_HUBS)]
    for hub in hubs:
        yield judge(ctx, hub.id or ctx.scope_id, partial(_judge, hub, ctx))
    ctx.fresh_trace()
    try:
        complete_resources(ctx)
    except (CollectionUnavailable, Unreadable) as error:
        yield Judgement(ctx.scope_id, unknown_from(error))


def _judge(hub: View, ctx: Context) -> Verdict:
    hub.bound(ctx.trace).raw("type")
    solutions, gaps = ctx.partial(IOT_SOLUTIONS)
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    disabled = ""
    for solution in solutions:
        try:
            if fold(hub.id) not in map(fold, solution.texts("properties.iotHubs")):
                continue
            if solution.choice("properties.status", _STATUSES) == "enabled":
                sources = solution.texts("properties.disabledDataSources", default=[])
                return passed(
                    "A security solution covers the IoT hub",
                    remarks=["The security solution leaves some data sources out"] if sources else [],
                    solution=solution.id,
                )
            disabled = solution.id
        except Unreadable as problem:
            error = error or problem
    if error is not None:
        raise error
    if disabled:
        return failed("The security solution of the IoT hub is disabled", solution=disabled)
    return failed("No security solution covers the IoT hub", solution=None)

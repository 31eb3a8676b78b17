"""Create, change and delete baselines, and apply them again to customers that deviate.

When a value of a baseline changes, customers with the previous value get the new value. If the baseline had no previous
value, customers with the product's default get the new value. Other customers keep their value, and are listed as
deviating.

Each action first takes all locks (`change.lock_baselines`) and then reads. So if two people change baselines of one
organization at the same time, one of them waits for the other.

The argument `expected` of an action is the part of the baseline that the person saw
(`portal.treatment.selectors.baseline_parts`). If this part has changed since then, the action raises Conflict
(changed_meanwhile). If the new values are already stored, the action raises no error.
"""

from portal.treatment.actions.baselines.apply import Applied, apply_baselines, follow_baselines
from portal.treatment.actions.baselines.channels import remove_baseline_channel, set_baseline_channel
from portal.treatment.actions.baselines.parameters import set_baseline_parameters
from portal.treatment.actions.baselines.profile import set_baseline_profile
from portal.treatment.actions.baselines.rules import remove_baseline_rule, set_baseline_rule
from portal.treatment.actions.baselines.save import delete_baseline, save_baseline

__all__ = [
    "Applied",
    "apply_baselines",
    "delete_baseline",
    "follow_baselines",
    "remove_baseline_channel",
    "remove_baseline_rule",
    "save_baseline",
    "set_baseline_channel",
    "set_baseline_parameters",
    "set_baseline_profile",
    "set_baseline_rule",
]

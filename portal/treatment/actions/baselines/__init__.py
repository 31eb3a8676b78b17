"""Create, change and delete baselines, and apply them again to customers that deviate.

When a baseline changes, a customer gets the new value if its present value is the baseline's previous value. If no
baseline had a value before, a customer gets the new value if its present value is the product's default. Other
customers keep their value, and are listed as deviating.

Each action first takes all locks that its changes need (`change.lock_baselines`), and reads baselines and customers
afterwards. So two people who change baselines of one organization wait for each other, and neither overwrites the
other's change.

`expected` is the part of the baseline that the person saw (`portal.treatment.selectors.baseline_parts`). If the part
has changed since then, the action changes nothing and raises Conflict (changed_meanwhile). It does not raise Conflict
if the new values are already stored. Without `expected`, the present values are replaced.
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

"""Steps of fixes that switch on encryption at host."""

from __future__ import annotations

from assessments.fixes.declare import Step, command


def register_encryption_at_host(kinds: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Return the steps that register the feature for encryption at host in the subscription.

    `kinds` are the resource types (lower case) to which the steps apply; empty for all.
    """
    return (
        command(
            "az feature register --namespace Microsoft.Compute --name EncryptionAtHost --subscription {subscription}\n"
            "az feature show --namespace Microsoft.Compute --name EncryptionAtHost --query properties.state"
            " --subscription {subscription}",
            "Register the feature once for each subscription. Repeat the second command until it prints Registered.",
            kinds=kinds,
        ),
        command(
            "az provider register --namespace Microsoft.Compute --subscription {subscription}",
            "Then register the provider again.",
            kinds=kinds,
        ),
    )

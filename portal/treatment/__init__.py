"""What people do about findings: owners, acknowledgements, exceptions, attestations. Verdicts are not touched."""

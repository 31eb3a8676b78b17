"""Treatments of findings: owners, acknowledgements, comments, exceptions, attestations. Never changes verdicts."""

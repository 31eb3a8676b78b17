"""Export, archiving, erasure and pseudonymisation, for a customer or a person who leaves."""

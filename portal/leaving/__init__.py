"""What happens when a customer or a person leaves: the export, archiving, erasure and pseudonymisation."""

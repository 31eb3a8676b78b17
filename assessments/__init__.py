"""The engine: collects a customer's Azure, judges it against the catalogue, keeps findings."""

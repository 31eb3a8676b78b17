"""The engine: collects a customer's Azure configuration, judges it by the catalogue, and stores findings."""

"""Pages of the catalogue of controls."""

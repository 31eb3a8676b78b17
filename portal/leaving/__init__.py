"""What happens when a customer leaves: the export of everything that Surety stores about it."""

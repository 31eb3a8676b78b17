"""App Configuration stores."""

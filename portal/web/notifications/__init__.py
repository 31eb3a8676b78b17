"""Serve the pages of notifications, email preferences, channels and failed deliveries."""

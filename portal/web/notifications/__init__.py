"""Notifications, email preferences, channels and failed deliveries."""

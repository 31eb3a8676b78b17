"""What people do about notifications: channels, deliveries that were given up, their own preferences."""

"""Invite people by mail, and create their accounts."""

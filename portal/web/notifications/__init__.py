"""Notices, how a person hears of them, channels and what could not be delivered."""

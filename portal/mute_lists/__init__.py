"""Prowler's mute lists: read a file, compare it with the failing findings, and request exceptions."""

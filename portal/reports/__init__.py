"""Signed PDF reports: gathering facts, rendering, signing, storing, and verifying offline."""

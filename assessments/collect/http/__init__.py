"""Requests to the endpoints of one cloud: transport, pipeline policies, limits of answers, and their JSON."""

"""Generate the directory: people, their objects in Microsoft Graph, and management groups."""

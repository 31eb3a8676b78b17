"""Run the HTTPS server: responses, deliberate faults, request limits and certificates."""

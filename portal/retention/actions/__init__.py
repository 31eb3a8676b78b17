"""Changes of retention policies, holds, and runs."""

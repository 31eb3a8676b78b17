"""Ground floor: who may see what. Organizations, tenants, people, scope, secrets and the journal."""

"""Generate access to subscriptions: roles, their operations, and delegations of Azure Lighthouse."""

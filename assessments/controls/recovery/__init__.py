"""Controls of Recovery Services vaults and Backup vaults."""

"""Watch customers between assessments: read what changed in Azure, and judge the changed resources again."""

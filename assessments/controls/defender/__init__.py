"""Controls of the plans, policy, recommendations and contacts of Microsoft Defender for Cloud."""

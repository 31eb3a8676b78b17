"""Controls of Microsoft Defender for Cloud: plans, policy, recommendations, contacts."""

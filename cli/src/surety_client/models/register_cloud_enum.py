from enum import StrEnum


class RegisterCloudEnum(StrEnum):
    AZURECHINACLOUD = "AzureChinaCloud"
    AZURECLOUD = "AzureCloud"
    AZUREUSGOVERNMENT = "AzureUSGovernment"
    AZUREUSGOVERNMENTDOD = "AzureUSGovernmentDoD"
    CUSTOM = "custom"

    def __str__(self) -> str:
        return str(self.value)

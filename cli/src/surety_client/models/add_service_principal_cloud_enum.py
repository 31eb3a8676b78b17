from enum import StrEnum


class AddServicePrincipalCloudEnum(StrEnum):
    AZURECHINACLOUD = "AzureChinaCloud"
    AZURECLOUD = "AzureCloud"
    AZUREUSGOVERNMENT = "AzureUSGovernment"
    AZUREUSGOVERNMENTDOD = "AzureUSGovernmentDoD"

    def __str__(self) -> str:
        return str(self.value)

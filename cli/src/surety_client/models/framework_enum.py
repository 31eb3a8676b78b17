from enum import StrEnum


class FrameworkEnum(StrEnum):
    CIS_2_0_0 = "cis-2.0.0"
    CIS_3_0_0 = "cis-3.0.0"
    CIS_4_0_0 = "cis-4.0.0"
    CIS_5_0_0 = "cis-5.0.0"
    CIS_6_0_0 = "cis-6.0.0"
    MCSB_1 = "mcsb-1"
    MCSB_2_PREVIEW = "mcsb-2-preview"
    NIST_800_53_R5 = "nist-800-53-r5"

    def __str__(self) -> str:
        return str(self.value)

"""Passwords that attackers try first are refused."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tenants.models import Person
from tests.portal.accounts.conftest import Staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password",
    ["password12345", "Password12345!", "qwertyuiop123", "iloveyou1234", "1q2w3e4r5t6y", "Qwertyuiop123??"],
)
def test_breached_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password(password)
    assert "password_breached" in {error.code for error in caught.value.error_list}


@pytest.mark.parametrize(
    "password",
    [
        "Northlight2026!",
        "N0rthl1ght-2027",
        "northlightmanaged1",
        "Alder&Finch2026",
        "SuretyPortal26",
        "Azure-Surety-1",
        "Northlight12345678",
        "Northlight-1234-5678-9012",
        "Northlight!Password1",
        "Ｎｏｒｔｈｌｉｇｈｔ２０２６！",  # noqa: RUF001
        "Nörthlïght2026!",
        "𝐍𝐨𝐫𝐭𝐡𝐥𝐢𝐠𝐡𝐭2026!",  # noqa: RUF001
        "Welcome-Admin-12",
    ],
)
def test_names_of_organization_customers_and_product_are_refused(staff: Staff, password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password(password, staff.otto)
    assert "password_names" in {error.code for error in caught.value.error_list}


def test_administrators_of_an_organization_use_no_name_of_its_customers(staff: Staff) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password("Alder-Finch-2026", staff.ada)
    assert "password_names" in {error.code for error in caught.value.error_list}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "northlight keeps seven green kettles",
        "nine purple lanterns at dusk",
        "чайник в зелёной лампе",
    ],
)
def test_good_passwords_are_accepted(staff: Staff, password: str) -> None:
    validate_password(password, staff.otto)


def test_names_of_an_invitation_count_before_there_is_an_account() -> None:
    draft = Person(email="new@northlight.example")
    draft.invited_to = ["Northlight Managed", "Alder & Finch Clinics"]  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        validate_password("Northlight2026!", draft)

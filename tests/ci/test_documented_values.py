"""The documents that ASVS requires have the same values and lists as the code."""

from __future__ import annotations

import re

from portal import body_limits
from portal.http import gunicorn_conf
from portal.settings.env import BASE_DIR
from tests.for_each import for_each

# This setting ends with `_URL`, but contains the address of Surety, not of another system.
NO_CONNECTION = {"SURETY_URL"}
# {pattern of the address of a page that accepts files: its row in the table “Uploads” of docs/limits.md}
UPLOADS = {
    r"/verify/": "Report to verify",
    r"/organizations/[^/]+/settings/configuration/": "Configuration file",
    r"/organizations/[^/]+/customers/import/": "List of customers to import",
    r"/t/[^/]+/scans/": "Results of a vulnerability scanner",
    r"/api/v1/customers/[^/]+/scan-imports": "Results of a vulnerability scanner",
    r"/t/[^/]+/exceptions/request/": "Evidence of exceptions and attestations",
    r"/t/[^/]+/attestations/[^/]+/": "Evidence of exceptions and attestations",
}
# {module with a form that accepts a file: its row in the table “Uploads” of docs/limits.md}
FILE_FORMS = {
    "attestations/form.py": "Evidence of exceptions and attestations",
    "exceptions/mute_list_form.py": "Mute list of Prowler",
    "exceptions/request_form.py": "Evidence of exceptions and attestations",
    "organization/views/configuration.py": "Configuration file",
    "organization/views/imports.py": "List of customers to import",
    "organization/views/report_branding.py": "Logo of reports",
    "reports/views/verify.py": "Report to verify",
    "scans/forms.py": "Results of a vulnerability scanner",
    "shared/forms/credential.py": "Certificate of a service principal",
}


def page(name: str) -> str:
    return (BASE_DIR / "docs" / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    return page(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def connected_settings() -> list[str]:
    """Return the settings that contain the address of another system."""
    names = re.findall(
        r"`([A-Z_]+(?:_URL|_WEBHOOK|_STREAM|_SCANNER|_ISSUER|_HOST|_VAULT|_MAIL))`",
        page("operations/settings.md"),
    )
    return sorted(set(names) - NO_CONNECTION)


def test_the_settings_are_found() -> None:
    assert {"DATABASE_URL", "BROKER_URL", "SURETY_TSA_URL", "SURETY_JOURNAL_STREAM"} <= set(
        connected_settings()
    )


@for_each("name", connected_settings())
def test_each_setting_with_an_address_is_in_the_list_of_connections(name: str) -> None:
    assert f"`{name}`" in section("connections.md", "Opened"), name


def test_each_page_that_accepts_large_bodies_is_in_the_list_of_uploads() -> None:
    limits = {**body_limits.LIMITS.public, **body_limits.LIMITS.signed_in}
    larger = {address for address, size in limits.items() if size > body_limits.DEFAULT}
    assert larger == UPLOADS.keys()
    for title in UPLOADS.values():
        assert f"\n| {title} |" in section("limits.md", "Uploads")


def test_each_form_that_accepts_a_file_is_in_the_list_of_uploads() -> None:
    pages = BASE_DIR / "portal" / "web"
    with_files = {
        str(path.relative_to(pages))
        for path in pages.rglob("*.py")
        if re.search(r"= (?:forms\.)?Files?Field\(", path.read_text(encoding="utf-8"))
    }
    assert with_files == FILE_FORMS.keys()
    for title in FILE_FORMS.values():
        assert f"\n| {title} |" in section("limits.md", "Uploads"), title


def test_each_folder_of_files_is_among_those_that_machines_share() -> None:
    folders = {
        folder
        for path in (BASE_DIR / "portal").rglob("*.py")
        for folder in re.findall(r'PrivateStorage\("([^"]+)"\)', path.read_text(encoding="utf-8"))
    }
    assert {"exports", "reports"} < folders
    shared = (
        section("operations/installing.md", "Processes")
        .split("On several machines,", 1)[1]
        .split("\n\n", 1)[0]
    )
    assert set(re.findall(r"`([a-z-]+)/`", shared)) == folders


def test_each_module_that_parses_xml_of_others_is_in_the_assessment_of_xml_parsers() -> None:
    parsing = {
        str(path.relative_to(BASE_DIR))
        for package in ("portal", "tenants", "assessments")
        for path in (BASE_DIR / package).rglob("*.py")
        if re.search(r"^\s*from lxml(\.etree)? import ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(parsing) > 1
    (row,) = re.findall(r"^\| 1\.5\.1 \|.*$", page("asvs.md"), re.MULTILINE)
    assert [name for name in sorted(parsing) if f"`{name}`" not in row] == []


def test_components_that_the_web_server_gives_uploads_to_are_not_called_components_of_workers() -> None:
    components = section("dependencies.md", "Components that parse hostile input")
    for name in ("lxml", "Typst", "Pillow"):
        (row,) = re.findall(rf"^\|[^|]*\b{name}\b[^|]*\|.*$", components, re.MULTILINE)
        assert "orkers only" not in row, name


def test_each_severity_has_a_time_frame_and_a_worse_one_has_a_shorter() -> None:
    rows = re.findall(
        r"^\| (\w+)[^|]* \| (\d+) days", section("dependencies.md", "When to update"), re.MULTILINE
    )
    assert [severity for severity, _ in rows] == ["Critical", "High", "Medium", "Low", "None"]
    days = [int(number) for _, number in rows]
    assert days == sorted(days)


def test_the_limits_of_a_request_are_those_of_the_web_server() -> None:
    assert gunicorn_conf.threads == 12
    text = re.sub(r"\s+", " ", section("limits.md", "Expensive work"))
    assert "A web server has twelve threads." in text
    assert f"A process that does not respond for {gunicorn_conf.timeout} s is replaced." in text


def test_each_hash_that_the_code_uses_is_in_the_inventory() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for package in ("portal", "tenants", "assessments")
        for path in (BASE_DIR / package).rglob("*.py")
    ]
    used = {name for text in sources for name in re.findall(r"hashlib\.(\w+)\(", text)}
    used -= {"new", "file_digest", "scrypt"}
    assert {"sha256", "md5"} <= used
    inventory = section("cryptography.md", "Algorithms")
    titles = {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}
    assert [name for name in sorted(used) if titles.get(name, name) not in inventory] == []


def test_systemd_lets_the_workers_finish_their_units() -> None:
    page = (BASE_DIR / "docs" / "operations" / "installing.md").read_text(encoding="utf-8")
    (options,) = re.findall(r"manage\.py worker --concurrency 2\n((?: +\w+=\w+\n)+)", page)
    # With this mode, systemd sends SIGTERM only to the supervisor of the workers. The supervisor sends it to the main
    # process of Celery, which waits for its child processes.
    assert "KillMode=mixed" in options.split()


def test_a_compromised_secret_key_does_not_stay_valid_as_a_fallback() -> None:
    (row,) = re.findall(r"^\| Secret key \|.*$", section("cryptography.md", "Keys"), re.MULTILINE)
    assert "After exposure [without it](threat-model.md#after-an-incident)" in row
    incident = re.sub(r"\s+", " ", section("threat-model.md", "After an incident"))
    _, _, steps = incident.partition("If the secret key was compromised: ")
    assert "The old key must not be in `SURETY_SECRET_KEY_FALLBACKS`." in steps
    assert "revoke these links, and send the reports again" in steps

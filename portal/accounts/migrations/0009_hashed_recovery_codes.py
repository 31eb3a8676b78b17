"""Replace the seeds of recovery codes by hashes of the codes. The existing codes of eight digits stay valid.

These codes have only 26 bits, so they are hashed slowly, like passwords. New codes have 140 bits.
"""

import hmac

from django.contrib.auth.hashers import make_password
from django.db import migrations

from portal.accounts import second_factors

COUNT, DIGITS = 10, 8


def codes_of(seed):
    """Return the codes that allauth derived from a seed. The code with number N comes from the hash of all numbers up
    to N, with the seed as the key.
    """
    digest = hmac.new(seed.encode("ascii"), digestmod="sha1")
    for number in range(COUNT):
        digest.update(f"{number:3},".encode())
        value = int.from_bytes(digest.digest()[: DIGITS // 2], "big") % 10**DIGITS
        yield f"{value:0{DIGITS}}"


def hash_codes(apps, schema_editor):
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    for row in rows.filter(type="recovery_codes", data__has_key="seed"):
        used = row.data.get("used_mask", 0)
        codes = list(codes_of(second_factors.unseal(row.data["seed"])))
        unused = [code for number, code in enumerate(codes) if not used & (1 << number)]
        row.data = {"password_hashes": [make_password(code) for code in unused], "viewed_at": row.created_at.timestamp()}
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_ended_session_data"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(hash_codes, migrations.RunPython.noop)]

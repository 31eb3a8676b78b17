"""Read a certificate with its private key from a PFX file (PKCS #12).

A PFX file states how often its passphrase is hashed, up to billions of times. So `read_pfx` starts this module as a
script with limited time and memory. The input of the script is a JSON object (`pfx` in base64, `passphrase`).
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Final

SECONDS: Final = 5
MEMORY: Final = 1024 * 2**20
_NO_KEY: Final = 3
_UNREADABLE: Final = 4


class UnusablePfx(Exception):
    """The file cannot be used; the message says why and what to do."""


def read_pfx(content: bytes, passphrase: str, *, seconds: float = SECONDS) -> str:
    """Return the certificate and its unencrypted key as PEM. Raise UnusablePfx if the file has no key or cannot be
    read, for example because of a wrong passphrase.
    """
    from portal.files import limited_program

    asked = json.dumps({"pfx": base64.b64encode(content).decode(), "passphrase": passphrase}).encode()
    command = [sys.executable, "-I", str(Path(__file__).resolve())]
    try:
        done = limited_program.run(command, asked, seconds=seconds, memory=MEMORY)
    except limited_program.ProgramTimeout:
        raise UnusablePfx(_slow(seconds)) from None
    if done.status == 0:
        return done.output.decode("ascii")
    if done.status == _NO_KEY:
        raise UnusablePfx(
            "The PFX file contains no private key. Export the certificate again, with its private key."
        )
    if done.status == _UNREADABLE:
        raise UnusablePfx(
            "The PFX file cannot be read: its passphrase is wrong, or the file is damaged. Enter the passphrase again."
        )
    raise UnusablePfx(_slow(seconds))


def _slow(seconds: float) -> str:
    return (
        f"The PFX file could not be read within {seconds:.0f} s. Export the certificate again, or upload a PEM"
        " file."
    )


def main() -> int:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    asked = json.loads(sys.stdin.buffer.read())
    passphrase = asked["passphrase"].encode() or None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            base64.b64decode(asked["pfx"]), passphrase
        )
    except (ValueError, TypeError):
        return _UNREADABLE
    if key is None:
        return _NO_KEY
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for one in [certificate, *others]:
        if one is not None:
            pem += one.public_bytes(serialization.Encoding.PEM)
    sys.stdout.buffer.write(pem)
    return 0


if __name__ == "__main__":
    sys.exit(main())

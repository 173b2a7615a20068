# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys as AWX reads them: PEM objects, of which one is a key, and whether a passphrase protects it.

Source: validate_pem and validate_ssh_private_key of awx/main/validators.py, has_encrypted_ssh_key_data of
awx/main/models/credential.
"""

from __future__ import annotations

import base64
import binascii
import re

_OBJECT = re.compile(
    r"^(?P<dashes>-{4,}) *BEGIN (?P<type>[A-Z ]+?) *(?P=dashes)\s*(?P<data>.+?)\s*"
    r"(?P=dashes) *END (?P=type) *(?P=dashes)(?P<next>.*?)$",
    re.DOTALL,
)
_HEADER = re.compile(r"^.+?:")
_KEYS = ("RSA", "DSA", "EC", "OPENSSH", "")
_OPEN = b"openssh-key-v1\x00\x00\x00\x00\x04none"


class InvalidKey(Exception):
    """Why AWX would refuse a key."""


def read_keys(text: str) -> list[bool]:
    """Whether each key of a text has a passphrase.

    :raises InvalidKey: as AWX would refuse the text.
    """
    keys: list[bool] = []
    rest = text.lstrip()
    while rest:
        found = _OBJECT.match(rest)
        if not found:
            raise InvalidKey(f"Invalid certificate or key: {rest[:100]}...")
        rest = found["next"].lstrip()
        if found["type"].endswith("PRIVATE KEY"):
            keys.append(_has_passphrase(found["type"], found["data"]))
        elif found["type"] != "CERTIFICATE":
            raise InvalidKey(f'Unsupported PEM object type: "{found["type"]}"')
    if not keys:
        raise InvalidKey("At least one private key is required.")
    return keys


def _has_passphrase(kind: str, data: str) -> bool:
    name = kind.replace("ENCRYPTED PRIVATE KEY", "").replace("PRIVATE KEY", "").strip()
    if name not in _KEYS:
        raise InvalidKey(f'Invalid private key: unsupported type "{name}"')
    lines = [line.strip() for line in data.splitlines()]
    try:
        content = base64.b64decode("".join(line for line in lines if not _HEADER.match(line)))
    except binascii.Error as reason:
        # AWX does not catch this one, and answers that it failed.
        raise InvalidKey("Invalid base64-encoded data") from reason
    if not content:
        raise InvalidKey("Invalid base64-encoded data")
    if name == "OPENSSH":
        return not content.startswith(_OPEN)
    return kind == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in data

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each file that signing in and trusting read, in each state in which it cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FILE_IS_A_FOLDER,
    FILE_MISSING,
    FILE_UNREADABLE,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from embedded_azure import EmbeddedAzure

#: What stands in each of them that has a content, and may never be seen.
CONTENT = "hunter2-never-shown"
_LATIN = f"[default]\nsecret={CONTENT}\xe9\n".encode("latin-1")
_NO_CREDENTIALS = ("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT", "AZURE_SUBSCRIPTION_ID")
_CLIENT = "AZURE_CLIENT_ID", "AZURE_TENANT", "AZURE_SUBSCRIPTION_ID"


@dataclass(frozen=True)
class Unusable:
    """One file in one state.

    :param environment: what names it, and has it read.
    :param path: what the sentence is to say.
    """

    name: str
    path: Path
    environment: dict[str, str]
    code: str


def unusable_files(azure: EmbeddedAzure, folder: Path) -> Iterator[Unusable]:
    """Make all of them in a folder."""
    whole = azure.environment()
    none = {**whole, **dict.fromkeys(_NO_CREDENTIALS, "")}
    client = {**none, **{name: whole[name] for name in _CLIENT}}
    cases = [
        ("token", "AZURE_FEDERATED_TOKEN_FILE", client, _TOKENS),
        ("certificate", "AZURE_X509_CERTIFICATE_PATH", client, _CERTIFICATES),
        ("authorities", "REQUESTS_CA_BUNDLE", whole, _AUTHORITIES),
        ("authorities-of-curl", "CURL_CA_BUNDLE", {**whole, "REQUESTS_CA_BUNDLE": ""}, _AUTHORITIES),
    ]
    for kind, variable, environment, states in cases:
        for state, (make, code) in states.items():
            path = folder / f"{kind}-{state}"
            make(path)
            yield Unusable(f"{kind}-{state}", path, {**environment, variable: str(path)}, code)
    for state, (make, code) in _INI.items():
        home = folder / f"profile-{state}"
        (home / ".azure").mkdir(parents=True)
        path = home / ".azure" / "credentials"
        make(path)
        if state != "missing":
            # Without anybody asking for a profile of it, too.
            yield Unusable(f"credentials-{state}", path, {**none, "HOME": str(home)}, code)
        yield Unusable(f"profile-{state}", path, {**none, "HOME": str(home), "AZURE_PROFILE": "work"}, code)
    cli = {**none, "AZURE_SUBSCRIPTION_ID": whole["AZURE_SUBSCRIPTION_ID"], "ANSIBLE_AZURE_AUTH_SOURCE": "cli"}
    for state, make, code in (
        ("missing", _missing, FILE_MISSING),
        ("file", _text, FILE_UNREADABLE),
        ("link to itself", _loop, FILE_UNREADABLE),
    ):
        path = folder / f"cli-{state}"
        make(path)
        yield Unusable(path.name, path, {**cli, "AZURE_CONFIG_DIR": str(path)}, code)
    for name, states in (("azureProfile.json", _JSON), ("msal_token_cache.json", _JSON), ("config", _CLI_INI)):
        for state, (make, code) in states.items():
            home = folder / f"cli-{name}-{state}"
            home.mkdir()
            make(home / name)
            yield Unusable(home.name, home / name, {**cli, "AZURE_CONFIG_DIR": str(home)}, code)


def _missing(path: Path) -> None:
    """Make nothing."""


def _text(path: Path) -> None:
    path.write_text(f"{CONTENT}\n")


def _list(path: Path) -> None:
    path.write_text(f'["{CONTENT}"]')


def _latin(path: Path) -> None:
    path.write_bytes(_LATIN)


def _loop(path: Path) -> None:
    """What no user can open, root included."""
    path.symlink_to(path)


def _pipe(path: Path) -> None:
    """What would be waited for."""
    os.mkfifo(path)


def _unreadable_memory(path: Path) -> None:
    """What can be opened, and not be read."""
    path.symlink_to("/proc/self/mem")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def _certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CONTENT)])
    day = datetime(2026, 1, 1)
    later = day.replace(year=2036)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(day).not_valid_after(later)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    closed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed)


def _of_elliptic_curve(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(_pem(key) + _certificate(key))


def _encrypted(path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    path.write_bytes(_pem(key, b"another password") + _certificate(key))


def _without_key(path: Path) -> None:
    path.write_bytes(_certificate(rsa.generate_private_key(65537, 2048)))


def _broken_pem(path: Path) -> None:
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{CONTENT}\n-----END PRIVATE KEY-----\n")


_States = dict[str, tuple[Callable[[Path], None], str]]
_UNREADABLE: _States = {
    "missing": (_missing, FILE_MISSING),
    "folder": (Path.mkdir, FILE_IS_A_FOLDER),
    "link to itself": (_loop, FILE_UNREADABLE),
    "pipe": (_pipe, FILE_UNREADABLE),
    "memory": (_unreadable_memory, FILE_UNREADABLE),
    "huge": (_huge, FILE_CONTENT_WRONG),
    "empty": (Path.touch, FILE_CONTENT_WRONG),
    "latin": (_latin, FILE_CONTENT_WRONG),
    "text": (_text, FILE_CONTENT_WRONG),
}
_TOKENS = _UNREADABLE
_INI = _UNREADABLE
_JSON: _States = {
    **{name: state for name, state in _UNREADABLE.items() if name != "missing"},
    "another shape": (_list, FILE_CONTENT_WRONG),
}
_CLI_INI: _States = {name: state for name, state in _UNREADABLE.items() if name not in ("missing", "empty")}
_CERTIFICATES: _States = {
    **_UNREADABLE,
    "broken": (_broken_pem, FILE_CONTENT_WRONG),
    "encrypted": (_encrypted, FILE_CONTENT_WRONG),
    "elliptic": (_of_elliptic_curve, FILE_CONTENT_WRONG),
    "without key": (_without_key, FILE_CONTENT_WRONG),
}
#: A folder will do, if there are certificates in it; of what is huge, all is read.
_AUTHORITIES: _States = {
    **{name: state for name, state in _UNREADABLE.items() if name not in ("huge", "memory")},
    "folder": (Path.mkdir, FILE_CONTENT_WRONG),
    "broken": (_broken_pem, FILE_CONTENT_WRONG),
}

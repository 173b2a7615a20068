# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients in another shell are given: certificates to trust, a key to log in with, a configuration of ssh."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import certifi
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: By which programs are told whom to trust, in the order in which they are looked for.
TRUST = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
USER = "azureuser"


def write_bundle(directory: Path, authority: Path) -> Path:
    """Write the certificates that the shell trusts so far, and the authority's.

    A shell that trusted the authority alone could reach nothing else: pip, git and curl go by these variables, too.
    """
    candidates = [os.environ.get(name) for name in TRUST] + [ssl.get_default_verify_paths().cafile, certifi.where()]
    trusted = next(Path(name) for name in candidates if name and Path(name).is_file())
    bundle = directory / "trusted.pem"
    bundle.write_bytes(trusted.read_bytes().rstrip() + b"\n" + authority.read_bytes())
    return bundle


def make_key(directory: Path) -> str:
    """Make a key to log in with; its public part, as machines are given it."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    path = _key(directory)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(pem)
    form = serialization.PublicFormat.OpenSSH
    return f"{private.public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode()} embedded-azure"


def write_ssh_config(directory: Path, socks_port: int) -> Path:
    """Write a configuration of ssh by which the names and addresses of machines lead to their guests."""
    config = directory / "ssh_config"
    config.write_text(
        f"""Host *
  User {USER}
  IdentityFile {_key(directory)}
  ProxyCommand nc -X 5 -x localhost:{socks_port} %h %p
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
""",
        encoding="utf-8",
    )
    return config


def _key(directory: Path) -> Path:
    return directory / "id_ed25519"

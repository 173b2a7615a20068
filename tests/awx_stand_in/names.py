# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that lead elsewhere: of container images, and of repositories.

Source: validate_container_image_name of awx/main/validators.py; update_scm_url of awx/main/utils/common.py.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_DOMAIN = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_COMPONENT = r"[a-z0-9]+(?:(?:[_.]|__|-*)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_DOMAIN}(?:\.{_DOMAIN})*(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*"
    r"(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
_SCHEMES = {
    "git": ("ssh", "git", "git+ssh", "http", "https", "ftp", "ftps", "file"),
    "svn": ("http", "https", "svn", "svn+ssh", "file"),
    "insights": ("http", "https"),
    "archive": ("http", "https"),
}


def image_error(name: str) -> str | None:
    """Why AWX would refuse the name of an image; None when it would not."""
    return None if _IMAGE.fullmatch(name) else f"The container image name {name} is not valid"


def address_error(kind: str, address: str) -> str | None:
    """Why AWX would refuse the address of a repository; None when it would not."""
    if not address.strip():
        return "SCM URL is required."
    parts = urlsplit(address)
    scheme, host = parts.scheme, parts.netloc
    if "://" not in address:
        if kind != "git":
            return f"Invalid {kind} URL"
        # As of scp, or a path on the host.
        remote = ":" in address
        scheme, host = ("git+ssh", address) if remote else ("file", "")
    elif scheme == "git+ssh" or not _has_port(address):
        return f"Unsupported {kind} URL"
    if scheme not in _SCHEMES[kind]:
        return f"Unsupported {kind} URL"
    if scheme == "file" and host not in ("", "localhost"):
        return f'Unsupported host "{host}" for file:// URL'
    return None if scheme == "file" or host else f"Host is required for {scheme} URL"


def _has_port(address: str) -> bool:
    """Whether the port, if there is one, is a number."""
    try:
        return urlsplit(address).port is None or True
    except ValueError:
        return False

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain way to send requests to an embedded Azure, for tests and for replaying recorded traffic."""

from __future__ import annotations

import requests

from .azure import EmbeddedAzure


def signed_in(azure: EmbeddedAzure) -> requests.Session:
    """A session that trusts the server's authority, ignores proxies and carries a good token."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(azure.certificate_authority)
    settings = azure.settings
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client,
        "client_secret": settings.secret,
        "scope": f"{azure.url}/.default",
    }
    answer = session.post(f"{azure.url}/{settings.tenant}/oauth2/v2.0/token", data=form, timeout=30)
    answer.raise_for_status()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return session

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the Azure CLI, into which somebody has logged in: it prints the token that embedded Azure gave."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from embedded_azure import EmbeddedAzure

_PROGRAM = """#!{python}
import json, sys
words = sys.argv[1:]
if words[:2] == ["account", "show"]:
    print(json.dumps({account}))
elif words[:2] == ["account", "get-access-token"] and {elsewhere}:
    sys.exit("ERROR: AADSTS500011: The resource principal named https://management.azure.com was not found in the tenant.")
elif words[:2] == ["account", "get-access-token"]:
    print(json.dumps({token}))
else:
    sys.exit(f"not known here: {{words}}")
"""


def az_login(
    azure: EmbeddedAzure, directory: Path, user: bool = True, environment: str = "AzureCloud"
) -> dict[str, str]:
    """Put the program into a directory.

    :param user: whether a user has logged in, or the service principal.
    :param environment: the cloud in which that was; outside of the public one, there is no token for it.
    :returns: the environment in which modules find it, and no other credentials.
    """
    issue = azure.entra.user_token if user else azure.entra.application_token
    token = {"accessToken": issue(azure.url), "expires_on": int(time.time()) + 3000, "tokenType": "Bearer"}
    account = {"id": azure.settings.subscription, "tenantId": azure.settings.tenant, "environmentName": environment}
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "az"
    program.write_text(
        _PROGRAM.format(
            python=sys.executable,
            account=repr(json.loads(json.dumps(account))),
            token=repr(token),
            elsewhere=environment != "AzureCloud",
        )
    )
    program.chmod(0o755)
    found = azure.environment()
    kept = {name: found[name] for name in ("AZURE_CLOUD_ENVIRONMENT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}
    none = dict.fromkeys(("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT"), "")
    return {
        **kept,
        **none,
        "AZURE_SUBSCRIPTION_ID": azure.settings.subscription,
        "ANSIBLE_AZURE_AUTH_SOURCE": "cli",
        "PATH": f"{directory}{os.pathsep}{os.environ['PATH']}",
    }

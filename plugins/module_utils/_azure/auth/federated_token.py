# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The federated token of a workload identity (OpenID Connect): inline, from a file, or requested from the CI system.

It is exchanged for an access token of Azure. Each exchange reads it again, as the token of a file or of a CI system is valid for
minutes only.
"""

from __future__ import annotations

import re
from typing import Any, Callable
from urllib.parse import quote, urlsplit

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import Cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import ARMPipelineClient, policies, rest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FileUnusable,
    read_text,
)

#: The code if the CI system issues no token.
NOT_ISSUED = "federated_token_not_issued"

#: A JSON Web Token: https://www.rfc-editor.org/rfc/rfc7519
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)


def federated_token_source(sign_in: CredentialOptions, cloud: Cloud, transport: Any) -> Callable[[], str]:
    """A function that reads the token, from the source in the options.

    :param transport: of the request to the CI system; it belongs to the credential, and stays open.
    :raises FileUnusable: if it is in a file that cannot be used.
    :raises InvalidInput: if it is inline and not a token, or the URL is not one that a secret may be sent to.
    """
    if sign_in.federated_token:
        token = sign_in.federated_token.strip()
        if not _TOKEN.fullmatch(token):
            raise InvalidInput("Option 'federated_token' (AZURE_FEDERATED_TOKEN) is not a JSON Web Token.")
        return lambda: token
    if sign_in.federated_token_file:
        path = sign_in.federated_token_file
        # Validate it once, before anything is sent.
        token_of_file(path)
        return lambda: token_of_file(path)
    if urlsplit(str(sign_in.oidc_request_url)).scheme != "https":
        raise InvalidInput(
            "Option 'oidc_request_url' (ACTIONS_ID_TOKEN_REQUEST_URL) is not an https:// URL, to which a token can be sent."
        )
    return lambda: _requested(sign_in, cloud, transport)


def token_of_file(path: str) -> str:
    """Read the token in a file.

    :raises FileUnusable: if there is none.
    """
    what, setting = "federated token", "'federated_token_file'"
    text = read_text(what, path, setting).strip()
    if not _TOKEN.fullmatch(text):
        raise FileUnusable(what, path, setting, FILE_CONTENT_WRONG, "is not a JSON Web Token")
    return text


def _requested(sign_in: CredentialOptions, cloud: Cloud, transport: Any) -> str:
    """Request the token from the CI system.

    Source: https://docs.github.com/actions/reference/security/oidc, whose URL has a query already.

    :raises SignInFailed: if it issues none.
    """
    url = str(sign_in.oidc_request_url)
    audience = quote(sign_in.oidc_audience or cloud.federation_audience, safe="")
    request = rest.HttpRequest(
        "GET",
        f"{url}{'&' if urlsplit(url).query else '?'}audience={audience}",
        headers={"Authorization": f"Bearer {sign_in.oidc_request_token}", "Accept": "application/json"},
    )
    # Redirects are not followed: the token is for this host only.
    retries = policies.RetryPolicy(retry_total=3, retry_backoff_max=5)
    client = ARMPipelineClient(base_url=url, policies=[retries], transport=transport)
    response = client.send_request(request)
    host = urlsplit(url).hostname
    if response.status_code != 200:
        raise SignInFailed(
            f"The CI system at '{host}' did not issue a federated token (HTTP {response.status_code}); on GitHub, add 'id-token: write' "
            "to the permissions of the job; otherwise check 'oidc_request_url' and 'oidc_request_token'.",
            code=NOT_ISSUED,
        )
    try:
        token = str(response.json()["value"])
    except (ValueError, KeyError, TypeError):
        token = ""
    if not _TOKEN.fullmatch(token):
        raise SignInFailed(
            f"The CI system at '{host}' did not issue a federated token: its response contains no JSON Web Token.",
            code=NOT_ISSUED,
        )
    return token

# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Explain connection errors: the network, a proxy, a certificate, or another cloud."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.golden.azure.plugins.module_utils._azure.tls import bundle_of_environment

_HOST = re.compile(r"host='(?P<host>[^']+)', port=(?P<port>\d+)")
_TUNNEL = re.compile(r"Tunnel connection failed: (?P<status>\d{3})")
#: Domains of the named clouds, whose endpoints are known, so that 'cloud_environment' is not the cause.
_KNOWN = (
    "azure.com",
    "microsoftonline.com",
    "windows.net",
    "usgovcloudapi.net",
    "microsoftonline.us",
    "chinacloudapi.cn",
    "169.254.169.254",
)


@dataclass(frozen=True)
class Problem:
    """The cause of a failed connection."""

    code: str
    reason: str


def connection_problem(text: str) -> Problem:
    """Detect the problem from the exception of a library.

    :param text: of the exception, which contains only host and path of the request.
    """
    found = _HOST.search(text)
    where = f"'{found['host']}' (port {found['port']})" if found else "the endpoint"
    elsewhere = " and 'cloud_environment'" if found and not found["host"].lower().endswith(_KNOWN) else ""
    tunnel = _TUNNEL.search(text)
    if tunnel and tunnel["status"] == "407":
        return Problem(
            "proxy_wants_credentials",
            f"the proxy to {where} (HTTPS_PROXY) requires a valid user and password (407); set them in its URL, as in "
            "http://USER:PASSWORD@HOST:PORT",
        )
    if tunnel:
        return Problem(
            "proxy_refused",
            f"the proxy to {where} (HTTPS_PROXY) refused the connection (HTTP {tunnel['status']}); allow this host on "
            "the proxy, or add the host to NO_PROXY",
        )
    if "ProxyError" in text or "Cannot connect to proxy" in text:
        return Problem("proxy_unreachable", f"the proxy to {where} cannot be reached; check HTTPS_PROXY")
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        bundle = bundle_of_environment()
        among = f" against the certificate authorities in '{bundle}'" if bundle else ""
        return Problem(
            "certificate_not_trusted",
            f"the certificate of {where} cannot be verified{among}; if it is signed by a private certificate "
            "authority, set REQUESTS_CA_BUNDLE to its certificate",
        )
    if "Name or service not known" in text or "Failed to resolve" in text or "name resolution" in text:
        return Problem(
            "name_not_resolved", f"the host name of {where} cannot be resolved; check the network{elsewhere}"
        )
    if "timed out" in text:
        code, reason = "no_answer_in_time", f"{where} did not respond in time"
    else:
        code, reason = "unreachable", f"{where} cannot be reached"
    return Problem(code, f"{reason}; check the network, the proxy (HTTPS_PROXY){elsewhere}")

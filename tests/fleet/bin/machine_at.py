# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the name of the machine of embedded Azure that has the address given, or the address itself where none has.

A program of its own, started for every step: it uses nothing but the standard library.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
from urllib.parse import urlsplit

_LIMIT = 20.0


def machine_at(address: str) -> str:
    """The machine's name."""
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    origin = urlsplit(os.environ["FLEET_AZURE"])
    connection = http.client.HTTPSConnection(origin.hostname or "", origin.port, timeout=_LIMIT, context=context)
    connection.request("GET", "/embedded/resources")
    resources = json.load(connection.getresponse())
    for resource in resources.values():
        if resource.get("type") == "Microsoft.Network/networkInterfaces" and f'"{address}"' in json.dumps(resource):
            return str(resource["properties"]["virtualMachine"]["id"].rpartition("/")[2])
    return address


if __name__ == "__main__":
    print(machine_at(sys.argv[1]))

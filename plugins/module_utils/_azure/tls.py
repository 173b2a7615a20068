# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""TLS connections: trusted authorities are loaded once, and Nagle's algorithm is disabled.

Reading the usual bundle of certificate authorities takes about 15 ms of CPU time, more than the rest of a short request. A task
opens at least two connections, and a task with many captures one per thread.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import socket
import ssl
import stat
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import AdapterBase, connections, tls
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_CONTENT_WRONG,
    FileUnusable,
    not_regular_file,
    unusable,
)

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_AUTHORITIES = "bundle of certificate authorities"
#: The file names by which OpenSSL finds a certificate in a directory: https://docs.openssl.org/master/man1/openssl-rehash/
_BY_DIGEST = re.compile(r"[0-9a-f]{8}\.\d+")


def trusted_context(bundle: str) -> ssl.SSLContext:
    """An SSL context for the certificate authorities of a file or directory, cached until they change.

    :raises OSError: if it cannot be read, or contains no certificate.
    """
    found = os.stat(bundle)
    return _context(bundle, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=4)
def _context(bundle: str, _changed: int, _size: int) -> ssl.SSLContext:
    context = tls.create_urllib3_context()
    if os.path.isdir(bundle):
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)
    return context


def bundle_of_environment() -> str | None:
    """The file or directory of authorities from the environment, as for requests and curl."""
    return next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)


def check_authorities() -> None:
    """Make sure that the certificate authorities can be read, before the first connection.

    :raises FileUnusable: if it cannot.
    """
    bundle = bundle_of_environment() or connections.DEFAULT_CA_BUNDLE_PATH
    setting = next((name for name in _VARIABLES if os.environ.get(name)), "")
    try:
        mode = os.stat(bundle).st_mode
        if stat.S_ISDIR(mode):
            if not any(map(_BY_DIGEST.fullmatch, os.listdir(bundle))):
                raise FileUnusable(
                    _AUTHORITIES,
                    bundle,
                    setting,
                    FILE_CONTENT_WRONG,
                    "contains no certificate",
                    "run 'openssl rehash' on it",
                )
        elif not stat.S_ISREG(mode):
            raise not_regular_file(_AUTHORITIES, bundle, setting)
        trusted_context(bundle)
    except ssl.SSLError:
        raise FileUnusable(
            _AUTHORITIES, bundle, setting, FILE_CONTENT_WRONG, "contains no certificate in PEM"
        ) from None
    except (OSError, ValueError) as error:
        path = getattr(error, "filename", None)
        if path and path != bundle:
            # Python writes the session keys there, for debugging.
            raise unusable("TLS key log", str(path), "SSLKEYLOGFILE", error) from None
        raise unusable(_AUTHORITIES, bundle, setting, error) from None


def prepare() -> None:
    """Read the certificate authorities in advance, for processes that are forked from this one."""
    with contextlib.suppress(OSError):
        trusted_context(bundle_of_environment() or connections.DEFAULT_CA_BUNDLE_PATH)


class TrustAdapter(AdapterBase):
    """An HTTP adapter whose connections all use the same trusted authorities.

    Older releases of requests do not call it, and read the authorities for each connection
    (https://requests.readthedocs.io/en/latest/api/#requests.adapters.HTTPAdapter.build_connection_pool_key_attributes).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Checking whether a file has changed would make threads wait for each other, like all system calls.
        self._trusted = functools.lru_cache(maxsize=4)(trusted_context)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Called by requests for each request through a proxy, for the connection pool of the proxy.

        By default, urllib3 delays the body of a request on such connections until its header is acknowledged (Nagle's
        algorithm), which costs each write 40 ms or a round trip, without any benefit.
        """
        options.setdefault("socket_options", [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])
        return super().proxy_manager_for(proxy, **options)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Called by requests for each request, for the key of its connection."""
        host, options = super().build_connection_pool_key_attributes(request, verify, cert)
        if verify and host["scheme"] == "https":
            # If it has become unreadable since the check, requests reports this when it connects.
            with contextlib.suppress(OSError):
                bundle = connections.DEFAULT_CA_BUNDLE_PATH if verify is True else verify
                options["ssl_context"] = self._trusted(bundle)
        return host, options

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Called by requests before each request, to set the trusted authorities of its connection."""
        if verify and not cert and conn.conn_kw.get("ssl_context"):
            conn.cert_reqs = "CERT_REQUIRED"
            # They are loaded already; if set here, they would be read again.
            conn.ca_certs = conn.ca_cert_dir = None
        else:
            super().cert_verify(conn, url, verify, cert)

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections: whom they trust, which proxies they go through, and what else of the environment they heed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure import tls
from ansible_collections.golden.azure.plugins.module_utils._azure.transport import DeadlineTransport
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline, SystemClock
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import FileUnusable
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from embedded_azure import EmbeddedAzure


@pytest.fixture(scope="module")
def azure() -> Iterator[EmbeddedAzure]:
    with EmbeddedAzure() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins as a process does, in an environment that names no authorities."""
    tls._context.cache_clear()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def status(azure: EmbeddedAzure, verify: bool = True, connections: int = 1) -> int:
    """What Azure answers, asked over new connections."""
    url = f"{azure.url}/metadata/endpoints?api-version=2022-09-01"
    for _connection in range(connections):
        with DeadlineTransport(Deadline(30, SystemClock()), verify) as transport:
            answer = transport.send(HttpRequest("GET", url)).status_code
    return answer


def folder_of(authority: Path, folder: Path) -> Path:
    """A folder of authorities as OpenSSL reads it: files called after their names' digests."""
    folder.mkdir()
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", authority]
    digest = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    shutil.copy(authority, folder / f"{digest}.0")
    return folder


def test_many_connections_read_the_authorities_once(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    read = []
    load = ssl.SSLContext.load_verify_locations

    def loading(context: ssl.SSLContext, *files: object, **named: object) -> None:
        read.append(named)
        load(context, *files, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", loading)
    assert status(azure, connections=5) == 200
    assert read == [{"cafile": str(azure.certificate_authority)}]


def test_what_was_read_before_a_fork_is_not_read_again(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    tls.prepare()
    child = os.fork()
    if not child:
        answered = status(azure)
        os._exit(0 if (answered, tls._context.cache_info().misses) == (200, 1) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_usual_authorities_do_not_vouch_for_others(azure: EmbeddedAzure) -> None:
    with pytest.raises(ServiceRequestError, match="certificate verify failed"):
        status(azure)


def test_authorities_that_do_not_vouch_are_not_helped_by_those_read_before(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    assert status(azure) == 200
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    with pytest.raises(ServiceRequestError, match="certificate verify failed"):
        status(azure)


def test_a_name_that_the_certificate_does_not_have_is_refused(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    assert status(azure) == 200
    resolve = socket.getaddrinfo

    def elsewhere(host: str, *rest: object, **more: object) -> object:
        return resolve("localhost" if host == "another.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    request = HttpRequest("GET", azure.url.replace("localhost", "another.example"))
    told = re.escape("not valid for 'another.example'")
    with DeadlineTransport(Deadline(30, SystemClock())) as transport, pytest.raises(ServiceRequestError, match=told):
        transport.send(request)


def test_a_folder_of_authorities_will_do(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = folder_of(azure.certificate_authority, tmp_path / "authorities")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    assert status(azure, connections=2) == 200


def test_authorities_that_change_are_read_again(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "authorities.pem"
    shutil.copy(certifi.where(), bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(ServiceRequestError):
        status(azure)
    shutil.copy(azure.certificate_authority, bundle)
    assert status(azure) == 200


@pytest.mark.parametrize("content", [None, "", "no certificate"], ids=["missing", "empty", "something else"])
def test_authorities_that_cannot_be_read_are_an_error(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "authorities.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    tls.prepare()
    with pytest.raises(FileUnusable):
        status(azure)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_whoever_asks_for_no_verification_gets_none(azure: EmbeddedAzure) -> None:
    tls.prepare()
    assert status(azure, verify=False) == 200


PUBLIC = HttpRequest("GET", "https://management.azure.com/metadata/endpoints?api-version=2022-09-01")


def waits_for_acknowledgements(transport: DeadlineTransport) -> list[bool]:
    """Of each connection that is open, whether a request's body waits until its head has been acknowledged."""
    adapter = transport.session.get_adapter("https://")
    managers = [adapter.poolmanager, *adapter.proxy_manager.values()]
    # Looking a pool up by its key is all that its container allows.
    pools = [manager.pools[key] for manager in managers for key in list(manager.pools.keys())]
    sockets = [connection.sock for pool in pools for connection in pool.pool.queue if connection and connection.sock]
    return [not one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in sockets]


def test_bodies_do_not_wait_for_a_proxys_acknowledgement(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    monkeypatch.setenv("HTTPS_PROXY", azure.proxy_url)
    with DeadlineTransport(Deadline(30, SystemClock())) as transport:
        assert transport.send(PUBLIC).status_code == 200
        assert waits_for_acknowledgements(transport) == [False]


def test_a_host_that_needs_no_proxy_is_spoken_to_directly(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:9")
    with pytest.raises(ServiceRequestError):
        status(azure)
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert status(azure) == 200


def test_a_password_in_netrc_does_not_take_the_tokens_place(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password of-another-service\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.certificate_authority))
    request = HttpRequest(
        "GET", f"{azure.url}/subscriptions?api-version=2022-12-01", headers={"Authorization": "Bearer no-token-at-all"}
    )
    seen = []
    monkeypatch.setattr(azure.entra, "check", seen.append)
    with DeadlineTransport(Deadline(30, SystemClock())) as transport:
        transport.send(request)
    assert seen == ["Bearer no-token-at-all"]

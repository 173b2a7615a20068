# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded Azure as tests and the command line use it: a server in a thread."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import certificates, ci_tokens, control
from .clock import Clock, RealClock
from .cloud import Cloud
from .engine import Engine
from .entra import Entra
from .faults import FaultRules
from .front_door import FrontDoor, bare_when_empty
from .guests import GuestBackend, GuestError, NoGuests
from .login import login_routes
from .providers.network import machine_at, machine_named
from .providers.registry import PROVIDERS
from .proxy import ConnectProxy
from .request_log import Exchange, RequestLog
from .routing import Router
from .seed import Seeder
from .settings import Settings
from .socks import SocksProxy
from .storage_accounts import SUFFIX

if TYPE_CHECKING:
    # What the package that it stands on costs to import, only those pay who want it.
    from .blob_storage import BlobStorage

HOST = "127.0.0.1"
LOG_VARIABLE = "EMBEDDED_AZURE_LOG"
_START_SECONDS = 30
_LARGEST_BODY = 16 * 1024 * 1024


class StartError(RuntimeError):
    """The server cannot start; the message is one sentence which says why."""


class EmbeddedAzure:
    """A small Azure on loopback. Use as a context manager, or start() and stop().

    seed: resources to begin with (see seed.py). guests: what virtual machines run on, NoGuests by default; it is
    closed with the server. work_directory: where certificates go, a temporary directory by default. port, proxy_port:
    0 takes a free one. log: a file for exchanges as JSON lines; without it, the variable EMBEDDED_AZURE_LOG may name
    one. clock: RealClock by default. storage: where the content of disks lies that are uploaded, started and stopped
    with the server; without it the addresses that are given for disks lead nowhere. Other keywords are the fields of Settings.
    """

    def __init__(
        self,
        seed: dict[str, Any] | None = None,
        guests: GuestBackend | None = None,
        work_directory: Path | None = None,
        port: int = 0,
        proxy_port: int = 0,
        log: Path | None = None,
        clock: Clock | None = None,
        storage: BlobStorage | None = None,
        **settings: Any,
    ) -> None:
        self.settings = Settings(**settings)
        self.clock = clock or RealClock()
        self.cloud = Cloud.build(self.settings, self.clock, guests or NoGuests())
        self.cloud.storage = storage
        self.faults = FaultRules()
        self._seed = seed
        self._temporary = work_directory is None
        self.work_directory = Path(work_directory or tempfile.mkdtemp(prefix="embedded-azure-"))
        self._lock = threading.RLock()
        named = os.environ.get(LOG_VARIABLE)
        self._log = RequestLog(log or (Path(named) if named else None))
        self._engine = Engine(self.cloud, PROVIDERS)
        self._seeder = Seeder(self.cloud, self._engine)
        self.entra = Entra(self.settings)
        self._front_door = FrontDoor(self.cloud, self._engine, self.entra, self.faults, self._log, self._lock)
        self._ports = (port, proxy_port)
        self.port = 0
        self.proxy_port = 0
        self.socks_port = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._certificates: certificates.Certificates | None = None

    def __enter__(self) -> EmbeddedAzure:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The origin of ARM, login and metadata."""
        return f"https://localhost:{self.port}"

    @property
    def proxy_url(self) -> str:
        """The CONNECT proxy, through which the public cloud's host names lead here."""
        return f"http://localhost:{self.proxy_port}"

    @property
    def socks_url(self) -> str:
        """The SOCKS5 proxy, through which the addresses of machines lead to their guests."""
        return f"socks5://localhost:{self.socks_port}"

    @property
    def certificate_authority(self) -> Path:
        """The authority's certificate (PEM)."""
        if self._certificates is None:
            raise StartError("The embedded Azure has not been started.")
        return self._certificates.authority

    @property
    def router(self) -> Router:
        """The tables of all providers."""
        return self._engine.router

    @property
    def requests(self) -> list[Exchange]:
        """What was asked and answered, oldest first."""
        return list(self._log.exchanges)

    def clear_requests(self) -> None:
        """Forget what was logged so far."""
        self._log.clear()

    def environment(self) -> dict[str, str]:
        """The variables which point azure clients, and this collection, here."""
        return {
            "AZURE_CLOUD_ENVIRONMENT": f"{self.url}/metadata/endpoints?api-version=2022-09-01",
            "AZURE_SUBSCRIPTION_ID": self.settings.subscription,
            "AZURE_TENANT": self.settings.tenant,
            "AZURE_CLIENT_ID": self.settings.client,
            "AZURE_SECRET": self.settings.secret,
            "REQUESTS_CA_BUNDLE": str(self.certificate_authority),
            "SSL_CERT_FILE": str(self.certificate_authority),
        }

    def storage_environment(self) -> dict[str, str]:
        """The variables that lead the names of storage accounts here, too."""
        return {"HTTPS_PROXY": self.proxy_url, "NO_PROXY": "localhost,127.0.0.1"}

    def job_environment(self) -> dict[str, str]:
        """The variables of a job of a CI system, which signs in with a token that it requests; the secret is empty."""
        return {
            **self.environment(),
            "AZURE_SECRET": "",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}{ci_tokens.PATH}?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.settings.oidc_request_token,
        }

    def seed(self, seed: dict[str, Any]) -> None:
        """Add resources (see seed.py)."""
        with self._lock:
            self._seeder.plant(seed)

    def act(self, id: str, action: str) -> None:
        """Do something to a resource past the front door (deallocate, generalize ...) and let it end now."""
        with self._lock:
            self._seeder.act(id, action)

    def change(self, id: str, body: dict[str, Any]) -> None:
        """PATCH a resource past the front door, as somebody else's doing."""
        with self._lock:
            self._seeder.change(id, body)

    def forget(self, id: str) -> None:
        """Let a resource and what lies under it be gone, as if it had never been."""
        with self._lock:
            for resource in self.cloud.store.under(id):
                self.cloud.store.remove(resource.id)
            self.cloud.store.remove(id)

    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource now there, by id."""
        with self._lock:
            self.cloud.operations.advance()
            return {resource.id: resource.document() for resource in self.cloud.store}

    def reset(self) -> None:
        """Forget resources, operations, faults and requests; settings, certificates and ports stay."""
        with self._lock:
            self.cloud.operations.reset()
            self.cloud.store.clear()
            self.cloud.catalogue.reset()
            self.cloud.agreements.clear()
            self.cloud.deleted.clear()
            self.cloud.accounts.clear()
            self._front_door.throttle.reset()
            self.faults.clear()
            self._log.clear()

    def start(self) -> EmbeddedAzure:
        """Start the server and plant the seed. Raises StartError, ValueError or AzureError (a bad seed)."""
        self._certificates = certificates.create(self.work_directory)
        self._front_door.storage.authority = str(self._certificates.authority)
        if self.cloud.storage:
            self.cloud.storage.start(self._certificates)
        started: threading.Event = threading.Event()
        failure: list[OSError] = []
        self._thread = threading.Thread(target=self._run, args=(started, failure), name="embedded-azure", daemon=True)
        self._thread.start()
        if not started.wait(_START_SECONDS):
            raise StartError(f"The embedded Azure did not start within {_START_SECONDS} s.")
        if failure:
            self.stop()
            raise StartError(f"The embedded Azure cannot listen: {failure[0].strerror or failure[0]}.")
        try:
            if self._seed:
                self.seed(self._seed)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server, end the guests, remove a temporary work directory; safe to call twice."""
        if self._loop is not None and self._stop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_START_SECONDS)
        self.cloud.work.close()
        self.cloud.guests.close()
        if self.cloud.storage:
            self.cloud.storage.stop()
        self._log.close()
        if self._temporary:
            shutil.rmtree(self.work_directory, ignore_errors=True)

    async def in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run something that blocks away from the server's loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, functools.partial(function, *arguments))

    def _run(self, started: threading.Event, failure: list[OSError]) -> None:
        asyncio.run(self._serve(started, failure))

    async def _serve(self, started: threading.Event, failure: list[OSError]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.on_response_prepare.append(bare_when_empty)
        application.add_routes(login_routes(self.settings, self.entra, self._log))
        application.router.add_route("*", "/embedded/{word}", functools.partial(control.handle, self))
        application.router.add_route("*", "/{path:.*}", self._front_door.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        proxy: ConnectProxy | None = None
        socks: SocksProxy | None = None
        try:
            site = web.TCPSite(runner, HOST, self._ports[0], ssl_context=self._context())
            await site.start()
            self.port = runner.addresses[0][1]
            proxy = ConnectProxy(self.port, self.settings.proxy_credentials, self._resolves)
            self.proxy_port = await proxy.start(HOST, self._ports[1])
            socks = SocksProxy(self._way_to)
            self.socks_port = await socks.start(HOST, 0)
        except OSError as reason:
            failure.append(reason)
        started.set()
        if not failure:
            await self._stop.wait()
        if proxy is not None:
            await proxy.stop()
        if socks is not None:
            await socks.stop()
        await runner.cleanup()

    def _resolves(self, host: str) -> bool:
        """Whether the name of a host exists; those of storage accounts do with their account, once there is any."""
        is_account = host.lower().endswith(SUFFIX) and bool(self.cloud.accounts)
        return not is_account or self._front_door.storage.knows(host)

    def _way_to(self, address: str) -> str | None:
        """The command that leads to the sshd of the machine with an address or name; None: nothing answers there."""
        with self._lock:
            vm_id = machine_at(self.cloud.store, address) or machine_named(self.cloud.store, address)
        if vm_id is None:
            return None
        try:
            return self.cloud.guests.ssh_access(vm_id.lower()).proxy_command
        except GuestError:
            return None

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._certificates.server, self._certificates.key)
        return context

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the content of disks lies: Azurite, Microsoft's own emulator of blob storage, as a process on loopback.

An address that it gives for a disk is a signature under a stored access policy, as Azure's are (si=...), so that
removing the policy makes the address useless. What Azure does and nobody has recorded, is taken at its worst: an address
that was not revoked stays good when another one is given, until it expires.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from azure.storage.blob import AccessPolicy, BlobSasPermissions, BlobServiceClient, generate_blob_sas

from .azure import StartError
from .certificates import Certificates

SOURCES = Path(__file__).with_name("azurite")
ACCOUNT = "embedded"
#: What Azure calls the only blob of a disk's container.
BLOB = "abcd"
#: The guest state of a disk with Trusted Launch lies beside it (the example of beginGetAccess in Azure's OpenAPI files).
GUEST_STATE = "b9bf5824-6122-49e0-ba22-042f76ccd8a1_vmgs"
_GUEST_STATE_SIZE = 4 * 1024 * 1024
_PAGE = 4 * 1024 * 1024
_START_SECONDS = 60.0
_INSTALL_SECONDS = 540.0
_FOOTER = 512


def vhd_footer(size: int) -> bytes:
    """The footer of a fixed disk, as far as anybody here looks at it: cookie, sizes, type and checksum (VHD format 1.0)."""
    footer = bytearray(_FOOTER)
    footer[:8] = b"conectix"
    footer[12:24] = (0x00010000).to_bytes(4, "big") + b"\xff" * 8
    footer[40:56] = size.to_bytes(8, "big") * 2
    footer[60:64] = (2).to_bytes(4, "big")
    footer[64:68] = (~sum(footer) & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(footer)


class StorageUnavailable(StartError):
    """Azurite cannot be installed or started; the message is one sentence which says why."""


def install(cache: Path) -> Path:
    """Install Azurite by npm from its lock file into a folder, if it is not there; return its program.

    Others that want it at the same time wait. Raises StorageUnavailable.
    """
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _installed(cache)


def _installed(cache: Path) -> Path:
    lock = (SOURCES / "package-lock.json").read_bytes()
    program = cache / "node_modules" / ".bin" / "azurite-blob"
    mark = cache / ".installed"
    digest = hashlib.sha256(lock).hexdigest()
    if mark.is_file() and mark.read_text() == digest and program.exists():
        return program
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, cache / name)
    what = "Azurite, which the tests of uploads need, cannot be installed"
    try:
        completed = subprocess.run(
            ["npm", "ci", "--silent", "--no-fund", "--no-audit", "--ignore-scripts"],
            cwd=cache,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise StorageUnavailable(f"{what}: there is no npm; install Node.js (Debian: apt-get install npm).") from None
    except subprocess.TimeoutExpired:
        raise StorageUnavailable(f"{what}: npm did not end within {_INSTALL_SECONDS:.0f} seconds.") from None
    if completed.returncode:
        said = (completed.stderr or completed.stdout).strip().splitlines() or ["npm gives no reason"]
        raise StorageUnavailable(f"{what}: {said[-1]}")
    mark.write_text(digest)
    return program


class BlobStorage:
    """Azurite, started and stopped with the embedded Azure that it belongs to."""

    def __init__(self, program: Path, directory: Path) -> None:
        """program: as install() returns it. directory: where it keeps what it is given; made if it is not there."""
        self._program = program
        self._directory = directory
        self._key = base64.b64encode(secrets.token_bytes(64)).decode()
        self._process: subprocess.Popen[bytes] | None = None
        self._authority = ""
        self._policies: dict[str, dict[str, AccessPolicy]] = {}
        #: What was made and what was given, oldest first: for tests, which want to know it afterwards.
        self.containers: list[str] = []
        self.addresses: list[str] = []
        #: Whether addresses to write to may be read from, too: it is not known of Azure's for all time.
        self.readable = True
        self.guest_state = GUEST_STATE
        self.port = 0
        #: The port that addresses name, if it is another one: that of something in between.
        self.shown_port = 0

    # -- the process ----------------------------------------------------------------------------------------------

    def start(self, certificates: Certificates) -> None:
        """Start Azurite; raises StorageUnavailable."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._authority = str(certificates.authority)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        log = self._directory / "azurite.log"
        options = {
            "--blobPort": str(self.port),
            "--cert": str(certificates.server),
            "--key": str(certificates.key),
            "--location": str(self._directory),
        }
        command = [str(self._program), *(word for option in options.items() for word in option)]
        command += ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{self._key}"},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        limit = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                self.stop()
                raise StorageUnavailable(f"Azurite does not start: {log.read_text(errors='replace').strip()[-300:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self) -> None:
        """End Azurite; safe to call twice."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def __enter__(self) -> BlobStorage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- disks ----------------------------------------------------------------------------------------------------

    def create(self, size: int) -> str:
        """Room for a disk of so many bytes, its footer with them; return the name of its container."""
        container = f"disk-{uuid.uuid4().hex}"
        with self._service() as service:
            service.create_container(container)
            service.get_blob_client(container, BLOB).create_page_blob(size)
        self.containers.append(container)
        return container

    def copy(self, source: str | None, size: int) -> str:
        """A copy of a disk, or a new one of so many bytes that holds nothing but a footer; return the name of its container."""
        if source is None:
            container = self.create(size + _FOOTER)
            self.put(container, size, vhd_footer(size))
            return container
        with self._blob(source) as blob:
            container = self.create(blob.get_blob_properties().size)
            for found in blob.list_page_ranges():
                for offset in range(found.start, found.end + 1, _PAGE):
                    length = min(_PAGE, found.end + 1 - offset)
                    self.put(container, offset, bytes(blob.download_blob(offset, length).readall()))
        return container

    def put(self, container: str, offset: int, data: bytes) -> None:
        """Write into a disk."""
        with self._blob(container) as blob:
            blob.upload_page(data, offset=offset, length=len(data))

    def save(self, container: str, path: Path) -> None:
        """Write a disk into a file, with holes where nothing was ever written."""
        with self._blob(container) as blob, path.open("wb") as stream:
            stream.truncate(blob.get_blob_properties().size)
            for found in blob.list_page_ranges():
                for offset in range(found.start, found.end + 1, _PAGE):
                    length = min(_PAGE, found.end + 1 - offset)
                    stream.seek(offset)
                    stream.write(blob.download_blob(offset, length).readall())

    def add_guest_state(self, container: str, seed: str) -> None:
        """Lay a guest state beside a disk, the same for the same seed."""
        content = hashlib.sha512(seed.encode()).digest() * 64
        with self._service() as service, service.get_blob_client(container, GUEST_STATE) as blob:
            blob.create_page_blob(_GUEST_STATE_SIZE)
            blob.upload_page(content, offset=0, length=len(content))

    def grant(self, container: str, seconds: int, write: bool, blob: str = BLOB) -> str:
        """Give an address that is good for so many seconds."""
        now = datetime.now(timezone.utc)
        policies = self._policies.setdefault(container, {})
        name = str(uuid.uuid4())
        permissions = BlobSasPermissions(read=self.readable or not write, write=write)
        policies[name] = AccessPolicy(permissions, now + timedelta(seconds=seconds), now - timedelta(minutes=5))
        self._set(container)
        signature = generate_blob_sas(ACCOUNT, container, blob, account_key=self._key, policy_id=name)
        self.addresses.append(
            f"https://localhost:{self.shown_port or self.port}/{ACCOUNT}/{container}/{blob}?{signature}"
        )
        return self.addresses[-1]

    def revoke(self, container: str) -> None:
        """Make all addresses of a disk useless."""
        self._policies.pop(container, None)
        self._set(container)

    def footer(self, container: str) -> bytes:
        """The last 512 bytes of a disk."""
        with self._blob(container) as blob:
            size = blob.get_blob_properties().size
            return bytes(blob.download_blob(size - _FOOTER, _FOOTER).readall())

    # -- for tests ------------------------------------------------------------------------------------------------

    def content(self, container: str, page: int) -> Iterator[bytes]:
        """All bytes of a disk, page by page, zeros too."""
        with self._blob(container) as blob:
            size = blob.get_blob_properties().size
            for offset in range(0, size, page):
                yield bytes(blob.download_blob(offset, min(page, size - offset)).readall())

    def written(self, container: str) -> int:
        """How many bytes of a disk were ever written."""
        with self._blob(container) as blob:
            return sum(found.end - found.start + 1 for found in blob.list_page_ranges())

    # -- the wire -------------------------------------------------------------------------------------------------

    def _set(self, container: str) -> None:
        policies: dict[str, Any] = dict(self._policies.get(container, {}))
        # A container takes five policies; the oldest go first.
        kept = dict(list(policies.items())[-5:])
        with self._service() as service:
            service.get_container_client(container).set_container_access_policy(kept)

    def _service(self) -> BlobServiceClient:
        credential = {"account_name": ACCOUNT, "account_key": self._key}
        address = f"https://localhost:{self.port}/{ACCOUNT}"
        return BlobServiceClient(address, credential=credential, connection_verify=self._authority)

    @contextlib.contextmanager
    def _blob(self, container: str) -> Iterator[Any]:
        with self._service() as service, service.get_blob_client(container, BLOB) as blob:
            yield blob

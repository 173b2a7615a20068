# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pristine Debian the guests start from, built once and kept in a cache directory.

It is what the marketplace image of Debian is on Azure, as far as a guest without its own kernel goes: systemd, sshd,
cloud-init, the Azure agent enabled, and no identity of its own (machine-id, host keys, hostname). A root counts as
built once its directory has its final name, so a killed build never counts, and the name holds a digest of the recipe,
so a changed recipe builds anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .base import GuestError
from .mirrors import RELEASES, debian_sources, guest_suite, one_line

Progress = Callable[[str], None]

BUILD_LIMIT_SECONDS = 1800.0
KILL_LIMIT_SECONDS = 30.0
# What the root takes, with the packages from which it is built.
NEEDED_MEGABYTES = 500
NO_SPACE = ("No space left on device", "enough free space", "Disk quota exceeded")

PACKAGES = (
    "ca-certificates",
    "cloud-init",
    "dbus",
    "iproute2",
    "libpam-systemd",
    "netbase",
    "netcat-openbsd",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd-sysv",
    "udev",
    "waagent",
)

# Files of the marketplace image (path, mode, content). NoCloud stands for Azure's own datasource, which needs Azure's
# platform; it is consulted only where a seed lies on the disk.
FILES = (
    (
        "etc/cloud/cloud.cfg.d/90_azure.cfg",
        0o644,
        "# Datasource of the image: Azure; NoCloud carries the provisioning where there is no Azure platform.\n"
        "datasource_list: [NoCloud, Azure]\n"
        "locale: false\n"
        # The machine's own name resolves without a network.
        "manage_etc_hosts: true\n",
    ),
    # The mirror's package lists are not fetched by timers: guests have no network.
    ("etc/apt/apt.conf.d/99-no-periodic-updates", 0o644, 'APT::Periodic::Enable "0";\n'),
)

# What the build leaves of the building machine, or what every machine must make for itself.
REMOVED = (
    "etc/hostname",
    "etc/resolv.conf",
    "etc/ssh/ssh_host_*",
    "var/log/apt",
    "var/log/dpkg.log",
    "var/log/bootstrap.log",
)

ENABLED_UNITS = ("ssh.service", "walinuxagent.service")

MMDEBSTRAP_OPTIONS = (
    "--mode=root",
    "--variant=minbase",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


# A mirror may keep an older state of what still changes, whose Release file says that it is out of date by now (Valid-Until in
# https://wiki.debian.org/DebianRepository/Format). Its signature is checked all the same, and the guests meet no network.
# There, sshd comes without the client, and so without ssh-keyscan.
OPTIONS_OF_SUITES = {"sid": ('--aptopt=Acquire::Check-Valid-Until "false"', "--include=openssh-client")}


def recipe_digest(suite: str | None = None, more_packages: Sequence[str] = ()) -> str:
    """Return a digest of everything that decides what the root holds, mirrors left out."""
    recipe = [suite or guest_suite(), PACKAGES, FILES, REMOVED, ENABLED_UNITS, MMDEBSTRAP_OPTIONS]
    recipe += [each for each in (OPTIONS_OF_SUITES.get(suite or guest_suite()), sorted(more_packages)) if each]
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]


def root_path(cache_directory: Path, suite: str | None = None, more_packages: Sequence[str] = ()) -> Path:
    """Return where the root of this recipe lies, built or not."""
    return cache_directory / f"debian-{RELEASES[suite or guest_suite()]}-{recipe_digest(suite, more_packages)}"


def ensure_root(
    cache_directory: Path,
    progress: Progress | None = None,
    suite: str | None = None,
    more_packages: Sequence[str] = (),
) -> Path:
    """Return the directory of the pristine root, building it first when it is not there (30 s to some minutes).

    Processes that ask at the same time wait for one build.

    Args:
        cache_directory: made when absent; keep it out of version control.
        progress: called with a line of text for each step of a build.
        suite: the release of Debian; that of GUEST_SUITE otherwise.
        more_packages: packages of Debian besides those that all guests have.

    Raises:
        GuestError: there is no Debian mirror, or the build failed.
    """
    release = suite or guest_suite()
    root = root_path(cache_directory, release, more_packages)
    if root.is_dir():
        if any(cache_directory.glob("partial-*")):
            # Of a build that was killed; where another one runs, it is what that works on.
            with contextlib.suppress(BlockingIOError), _build_lock(cache_directory, fcntl.LOCK_NB):
                _remove_leftovers(cache_directory)
        return root
    cache_directory.mkdir(parents=True, exist_ok=True)
    report = progress or _silent
    with _build_lock(cache_directory):
        if root.is_dir():
            return root
        _remove_leftovers(cache_directory)
        workspace = Path(tempfile.mkdtemp(prefix="partial-", dir=cache_directory))
        try:
            partial = workspace / "root"
            report(f"Building the root of the Debian {RELEASES[release]} guests (once; a minute or so)")
            _bootstrap(partial, workspace, report, release, more_packages)
            _finish(partial)
            os.sync()
            partial.rename(root)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
        report(f"The root of the Debian {RELEASES[release]} guests is ready")
    return root


def _silent(text: str) -> None:
    """Report nothing."""


@contextlib.contextmanager
def _build_lock(cache_directory: Path, how: int = 0) -> Iterator[None]:
    with (cache_directory / "build.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
        yield


def _remove_leftovers(cache_directory: Path) -> None:
    for leftover in cache_directory.glob("partial-*"):
        shutil.rmtree(leftover)


def _bootstrap(
    partial: Path, workspace: Path, report: Progress, release: str, more_packages: Sequence[str] = ()
) -> None:
    sources = debian_sources(suite=release)
    if not sources:
        raise GuestError("The guests' Debian cannot be built: the apt sources of this machine name no Debian mirror.")
    source_list = workspace / "sources.list"
    source_list.write_text("".join(one_line(source) + "\n" for source in sources), encoding="utf-8")
    # In namespaces of its own the build leaves no mount on the host, and it ends with the process that asked for it.
    arguments = [
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"),
        *("--pid", "--fork", "--kill-child", "--mount-proc"),
        *("timeout", "--kill-after=10", str(BUILD_LIMIT_SECONDS), "mmdebstrap", *MMDEBSTRAP_OPTIONS),
        *OPTIONS_OF_SUITES.get(release, ()),
        *(f"--include={','.join([*PACKAGES, *more_packages])}", release, str(partial), str(source_list)),
    ]
    # What the build writes besides goes with the workspace, also when it is killed.
    temporary = workspace / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "TMPDIR": str(temporary)}
    last, is_full = "", False
    with subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        # Ctrl-C is for the program that asked for it, which ends the build.
        start_new_session=True,
    ) as process:
        try:
            for line in process.stderr or ():
                last = line.strip() or last
                is_full = is_full or any(words in line for words in NO_SPACE)
                if line.startswith("I: "):
                    report(line[3:].strip())
        except BaseException:
            # unshare takes no other signal while it waits; with it goes the namespace, and all that runs in there.
            process.kill()
            process.communicate(timeout=KILL_LIMIT_SECONDS)
            raise
    if process.returncode != 0 and is_full:
        free = shutil.disk_usage(workspace).free // 1_000_000
        raise GuestError(
            f"No space is left for the guests' Debian in {workspace.parent}: building it takes {NEEDED_MEGABYTES} MB, and {free} MB are "
            "free; make room and run it again."
        )
    if process.returncode != 0:
        raise GuestError(f"Building the guests' Debian failed (mmdebstrap ended {process.returncode}): {last}")


def _finish(partial: Path) -> None:
    for pattern in REMOVED:
        for path in partial.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    (partial / "etc/machine-id").write_bytes(b"")
    for name, mode, content in FILES:
        path = partial / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
    for unit in ENABLED_UNITS:
        if not (partial / "etc/systemd/system/multi-user.target.wants" / unit).is_symlink():
            raise GuestError(f"The guests' Debian was built without {unit} enabled.")

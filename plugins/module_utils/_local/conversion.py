# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert disks in formats that Azure does not support into raw ones with qemu-img."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded, Failure
from ansible_collections.golden.azure.plugins.module_utils._local.programs import (
    ProgramTimedOut,
    find_program,
    run_program,
)
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import DYNAMIC_VHD, ImageFile
from ansible_collections.golden.azure.plugins.module_utils._model.vhd import whole_mebibytes

#: Image format -> QEMU's driver name.
_DRIVERS = {"dynamic VHD": "vpc", "VHDX": "vhdx", "qcow2": "qcow2"}
#: Time limit in seconds for reading a header.
_INSPECTION_TIMEOUT = 60


def program() -> str | None:
    """The path of qemu-img; None if it is not installed."""
    return find_program("qemu-img")


def disk_size(image: ImageFile) -> int:
    """The size of the disk in a file, in bytes, rounded up to whole MiB.

    :raises Failure: if qemu-img cannot read the file.
    """
    said = _run(image, ["info", "--output=json", "--image-opts", _node(image)], _INSPECTION_TIMEOUT)
    try:
        return whole_mebibytes(int(json.loads(said)["virtual-size"]))
    except (KeyError, TypeError, ValueError):
        raise Failure(
            f"The size of the disk in {image.label} cannot be determined by qemu-img; copy the file again."
        ) from None


@contextmanager
def plain(image: ImageFile, directory: str, name: str, deadline: Deadline) -> Iterator[str]:
    """A raw, sparse copy of the disk in a file, as a context manager.

    :param directory: the directory of the copy.
    :param name: its name, which is the same for every run, so that a leftover of a killed run is replaced.
    :raises Failure: if it cannot be created.
    """
    path = os.path.join(directory, f".{name}.raw")
    try:
        with suppress(FileNotFoundError):
            os.unlink(path)
        # Created here with access for the owner only: qemu-img keeps that, and would follow a link.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise Failure(
            f"A converted copy of {image.label} cannot be created in '{directory}': {error.strerror}; set "
            "'work_directory' to another directory."
        ) from error
    try:
        _run(image, ["convert", "--image-opts", "-O", "raw", _node(image), path], deadline.remaining)
        yield path
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _node(image: ImageFile) -> str:
    """The file in QEMU's option syntax, where commas in its path are doubled."""
    # By default QEMU calculates a VHD's size from its geometry, which is smaller.
    exact = ",force_size_calc=current_size" if image.format == DYNAMIC_VHD else ""
    path = os.path.abspath(image.path).replace(",", ",,")
    return f"driver={_DRIVERS[image.format]}{exact},file.driver=file,file.filename={path}"


def _run(image: ImageFile, arguments: list[str], seconds: float) -> str:
    found = program()
    if found is None:
        raise Failure(missing(image))
    try:
        ended = run_program([found, *arguments], seconds)
    except ProgramTimedOut:
        raise DeadlineExceeded(
            f"Converting the {image.label} did not complete within the {seconds:.0f} s that remained; increase 'timeout'."
        ) from None
    except OSError as error:
        raise Failure(f"The program {found} cannot be started: {error.strerror}; reinstall qemu-img.") from error
    if ended.status:
        reason = (ended.errors.strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"Converting the {image.label} failed: {reason.rstrip('.')}.")
    return ended.output


def missing(image: ImageFile) -> str:
    """The message if qemu-img is not installed."""
    return (
        f"The {image.label} must be converted, and qemu-img is not installed where this task runs; install it (Debian "
        "and Ubuntu: apt-get install qemu-utils, Fedora and RHEL: dnf install qemu-img), or convert it to a raw disk "
        "on another machine."
    )

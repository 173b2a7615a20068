# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Detect the format and the size of a disk image file."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._local import pages as file_pages
from ansible_collections.golden.azure.plugins.module_utils._model import vhd
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import (
    DYNAMIC_VHD,
    FIXED_VHD,
    QCOW2,
    RAW,
    VHDX,
    ImageFile,
)

_SECTOR = 512
_HEAD_SIZE = 40 * 1024
_QCOW2_HEADER = 104

#: Unsupported file types: offset, magic bytes and message.
_OTHERS = (
    (0, b"KDMV", "a VMDK; convert it to qcow2 first (qemu-img convert)"),
    (0, b"# Disk DescriptorFile", "a VMDK descriptor; convert the disk to qcow2 first (qemu-img convert)"),
    (64, b"\x7f\x10\xda\xbe", "a VDI; convert it to qcow2 first (qemu-img convert)"),
    (0, b"\x1f\x8b", "compressed with gzip; decompress it first"),
    (0, b"\xfd7zXZ\x00", "compressed with xz; decompress it first"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd; decompress it first"),
    (0, b"BZh", "compressed with bzip2; decompress it first"),
    (0, b"PK\x03\x04", "a zip archive; extract it first"),
    (257, b"ustar", "a tar archive; extract it first"),
    (0x8001, b"CD001", "an installation medium (ISO), not a disk with an operating system; install one from it first"),
)


class SourceFileUnusable(InvalidInput):
    """A local file cannot be read, or is not a disk that can be uploaded."""

    default_code = "source_file_not_usable"


def inspect(path: str) -> ImageFile:
    """Inspect a file; it is read completely, except for its holes.

    :raises SourceFileUnusable: if it is not a disk that can be uploaded.
    """
    with opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        kind, disk_size = _recognise(path, descriptor, size)
        try:
            digest = file_pages.digest(descriptor, size)
        except OSError as error:
            raise SourceFileUnusable(f"The file '{path}' cannot be read: {error.strerror}.") from error
        return ImageFile(path, kind, digest, disk_size, stamp_of(descriptor))


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open a file for reading.

    :raises InvalidInput: if that is not possible.
    """
    try:
        # Opening a pipe would block otherwise.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise SourceFileUnusable(
            f"The file '{path}' does not exist on the host where this task runs; check 'source_file', or copy the file "
            "there first."
        ) from None
    except OSError as error:
        raise SourceFileUnusable(f"The file '{path}' cannot be opened: {error.strerror}.") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SourceFileUnusable(f"The path '{path}' is not a regular file; set 'source_file' to a regular file.")
        yield descriptor
    finally:
        os.close(descriptor)


def stamp_of(descriptor: int) -> tuple[int, int, int]:
    """Inode, size and time of change of an open file."""
    seen = os.fstat(descriptor)
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


def check_unchanged(image: ImageFile, descriptor: int) -> None:
    """Make sure that a file was not modified since its inspection.

    :raises Failure: if it was modified.
    """
    if stamp_of(descriptor) != image.stamp:
        raise Failure(f"The {image.label} was modified during its upload; run the task again.")


# -- formats ------------------------------------------------------------------------------------------------------


def _recognise(path: str, descriptor: int, size: int) -> tuple[str, int | None]:
    """The format of a file, and the size of its disk.

    :raises InvalidInput: for a file that cannot be uploaded.
    """
    head = os.pread(descriptor, _HEAD_SIZE, 0)
    tail = os.pread(descriptor, vhd.FOOTER_SIZE, max(0, size - vhd.FOOTER_SIZE))
    if head.startswith(b"vhdxfile"):
        return VHDX, None
    if head.startswith(b"QFI\xfb"):
        return QCOW2, vhd.whole_mebibytes(_qcow2_size(path, head))
    if vhd.COOKIE in (head[: len(vhd.COOKIE)], tail[: len(vhd.COOKIE)]) or path.lower().endswith(".vhd"):
        return _vhd(path, size, tail)
    for offset, magic, what in _OTHERS:
        if head[offset : offset + len(magic)] == magic:
            raise SourceFileUnusable(f"The file '{path}' is {what}.")
    if size % _SECTOR or head[510:512] != b"\x55\xaa":
        raise SourceFileUnusable(
            f"The file '{path}' is neither a VHD, VHDX or qcow2 nor a bootable raw disk, which has a boot sector and a "
            "size in multiples of 512 bytes; check 'source_file'."
        )
    return RAW, vhd.whole_mebibytes(size)


def _vhd(path: str, size: int, tail: bytes) -> tuple[str, int]:
    try:
        footer = vhd.read_footer(tail)
    except vhd.BadFooter as problem:
        raise SourceFileUnusable(
            f"The file '{path}' is not a complete VHD: its footer, the last 512 bytes, {problem}; copy it again from "
            "its origin."
        ) from None
    if footer.disk_type == vhd.DIFFERENCING:
        raise SourceFileUnusable(
            f"The file '{path}' is a differencing VHD, which cannot be used without its parent; merge it into its "
            "parent."
        )
    if footer.disk_type == vhd.DYNAMIC:
        return DYNAMIC_VHD, vhd.whole_mebibytes(footer.current_size)
    if footer.current_size != size - vhd.FOOTER_SIZE:
        raise SourceFileUnusable(
            f"The file '{path}' is not a complete VHD: it has {size} bytes, and its footer requires "
            f"{footer.current_size + vhd.FOOTER_SIZE}; copy it again from its origin."
        )
    if footer.current_size % vhd.MEBIBYTE:
        raise SourceFileUnusable(
            f"The disk in file '{path}' has {footer.current_size} bytes, and Azure requires a multiple of 1 MiB; "
            f"resize it to {vhd.whole_mebibytes(footer.current_size)} bytes (Resize-VHD), or convert it to qcow2."
        )
    return FIXED_VHD, footer.current_size


def _qcow2_size(path: str, head: bytes) -> int:
    """The size of the disk in a qcow2, which must not depend on other files.

    Layout: docs/interop/qcow2.txt of QEMU.
    """
    if len(head) < _QCOW2_HEADER:
        raise SourceFileUnusable(f"The file '{path}' is a qcow2 with an incomplete header; copy it again.")
    version, backing = struct.unpack_from(">IQ", head, 4)
    size, encryption = struct.unpack_from(">QI", head, 24)
    incompatible = struct.unpack_from(">Q", head, 72)[0] if version >= 3 else 0
    # Such a header may refer to any file of the controller, which would become part of the image.
    if backing or incompatible & 4:
        raise SourceFileUnusable(
            f"The file '{path}' is a qcow2 with a backing or external data file; merge them into one file first "
            "(qemu-img convert)."
        )
    if encryption:
        raise SourceFileUnusable(f"The file '{path}' is an encrypted qcow2; decrypt it first (qemu-img convert).")
    return int(size)

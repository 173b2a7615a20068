# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The footer of a VHD, the last 512 bytes by which Azure identifies one; pure.

Layout: Virtual Hard Disk Image Format Specification 1.0 (Microsoft, 2006). Azure supports a fixed VHD whose disk is
a multiple of 1 MiB: https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

FOOTER_SIZE = 512
COOKIE = b"conectix"

FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4

MEBIBYTE = 1024 * 1024

# Cookie, features, version, data offset, time, creator with its version and system, original and current size,
# cylinders, heads, sectors, type, checksum, unique id, saved state, reserved.
_LAYOUT = struct.Struct(">8sIIQI4sI4sQQHBBII16sB427s")
_CHECKSUM_AT = slice(64, 68)
_RESERVED_FEATURE = 2
_VERSION = 0x00010000
_NO_OFFSET = 0xFFFFFFFFFFFFFFFF
_SECTOR = 512


class BadFooter(ValueError):
    """The footer is invalid; the message continues a sentence that starts with "its footer "."""


@dataclass(frozen=True)
class Footer:
    """The content of a footer."""

    #: Size of the disk, in bytes, without the footer.
    current_size: int
    disk_type: int


def read_footer(data: bytes) -> Footer:
    """Read a footer.

    :param data: its 512 bytes.
    :raises BadFooter: if it is invalid.
    """
    if len(data) != FOOTER_SIZE or not data.startswith(COOKIE):
        raise BadFooter("is missing")
    fields = _LAYOUT.unpack(data)
    version, current_size, disk_type, checksum = fields[2], fields[9], fields[13], fields[14]
    if checksum != checksum_of(data):
        raise BadFooter("has an invalid checksum")
    if version >> 16 != _VERSION >> 16:
        raise BadFooter(f"has the unknown version {version >> 16}")
    if disk_type not in (FIXED, DYNAMIC, DIFFERENCING):
        raise BadFooter(f"has the unknown disk type {disk_type}")
    return Footer(current_size, disk_type)


def make_footer(size: int, unique_id: bytes) -> bytes:
    """The footer of a fixed disk; the same for the same arguments.

    :param size: of the disk, in bytes.
    :param unique_id: 16 bytes.
    """
    cylinders, heads, sectors = geometry(size)
    footer = bytearray(
        _LAYOUT.pack(
            COOKIE, _RESERVED_FEATURE, _VERSION, _NO_OFFSET, 0, b"gold", _VERSION, b"Wi2k", size, size,
            cylinders, heads, sectors, FIXED, 0, unique_id, 0, b"",
        )
    )  # fmt: skip
    footer[_CHECKSUM_AT] = struct.pack(">I", checksum_of(footer))
    return bytes(footer)


def checksum_of(footer: bytes | bytearray) -> int:
    """The ones' complement of the sum of all bytes without the checksum."""
    return ~(sum(footer) - sum(footer[_CHECKSUM_AT])) & 0xFFFFFFFF


def geometry(size: int) -> tuple[int, int, int]:
    """Cylinders, heads and sectors per track of a disk, according to the appendix of the specification."""
    sectors = min(size // _SECTOR, 65535 * 16 * 255)
    if sectors >= 65535 * 16 * 63:
        return sectors // 255 // 16, 16, 255
    per_track, tracks = 17, sectors // 17
    heads = max((tracks + 1023) // 1024, 4)
    if tracks >= heads * 1024 or heads > 16:
        per_track, heads = 31, 16
        tracks = sectors // per_track
    if tracks >= heads * 1024:
        per_track, heads = 63, 16
        tracks = sectors // per_track
    return tracks // heads, heads, per_track


def whole_mebibytes(size: int) -> int:
    """A size rounded up to whole MiB."""
    return -(-size // MEBIBYTE) * MEBIBYTE

# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a kind of source is: its option, and how it is parsed, read and described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]


@dataclass(frozen=True)
class SourceReading:
    """What was read of a source; None for what does not exist."""

    #: The machine with its instance view, the disk, snapshot, image or version; of a file its upload.
    resource: Json | None = None
    #: The definition of a gallery version.
    definition: Json | None = None
    file: ImageFile | None = None
    #: Why a file cannot be uploaded from where the task runs; None when nothing prevents it.
    file_obstacle: str | None = None


def read_resource(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    """Read a source that is a resource.

    :raises Failure: when it cannot be read.
    """
    return SourceReading(get_or_none(arm, request.resource))


def unmodified(request: CaptureRequest) -> CaptureRequest:
    """Leave a request as it is."""
    return request


@dataclass(frozen=True)
class SourceKind:
    """A kind of source; all kinds are defined in kinds.py."""

    #: Its option, and the specification of that.
    option: str
    specification: Json
    #: Types of what the option may name, as resource ids have them; "blob" and "file" for what has none.
    resource_types: tuple[str, ...]
    #: The source, from the options of a capture and the id of the subscription.
    parse: Callable[[Json, str], SourceReference]
    #: What the targets need to know of it, from the request and what was read; None when it does not exist.
    describe: Callable[[CaptureRequest, CaptureState], Source | None]
    read: Callable[[ArmReader, CaptureRequest], SourceReading] = read_resource
    #: Completes a request by what such a source needs besides.
    complete: Callable[[CaptureRequest], CaptureRequest] = unmodified
    #: Whether it is an image already, which is published as it is.
    is_image: bool = False
    #: Whether the task must specify if it is generalized.
    needs_os_state: bool = False
    #: Options that no other kind of source has.
    own_options: tuple[str, ...] = ()

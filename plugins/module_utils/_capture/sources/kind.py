# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The definition of a kind of source: its option, and how it is parsed, read and described."""

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
    """The state of a source; None for resources that do not exist."""

    #: The virtual machine with its instance view, the disk, snapshot, image or version; for a file, its upload disk.
    resource: Json | None = None
    #: The definition of a gallery version.
    definition: Json | None = None
    file: ImageFile | None = None
    #: The reason why the host that runs the task cannot upload the file; None if there is none.
    file_obstacle: str | None = None


def read_resource(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    """Read a source that is a resource.

    :raises Failure: if it cannot be read.
    """
    return SourceReading(get_or_none(arm, request.resource))


def unmodified(request: CaptureRequest) -> CaptureRequest:
    """Return a request unchanged."""
    return request


@dataclass(frozen=True)
class SourceKind:
    """A kind of source; all kinds are defined in kinds.py."""

    #: Its option, and the specification of the option.
    option: str
    specification: Json
    #: The resource types that the option accepts; "blob" and "file" for sources that are not resources.
    resource_types: tuple[str, ...]
    #: Returns the source, from the options of a capture and the id of the subscription.
    parse: Callable[[Json, str], SourceReference]
    #: Describes the source for the targets, from the request and the state; None if it does not exist.
    describe: Callable[[CaptureRequest, CaptureState], Source | None]
    read: Callable[[ArmReader, CaptureRequest], SourceReading] = read_resource
    #: Adds further requirements of such a source to a request.
    complete: Callable[[CaptureRequest], CaptureRequest] = unmodified
    #: Whether it is an image, which is published unchanged.
    is_image: bool = False
    #: Whether the task must specify if it is generalized.
    needs_os_state: bool = False
    #: Options that apply only to this kind of source.
    own_options: tuple[str, ...] = ()

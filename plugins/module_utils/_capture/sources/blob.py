# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""VHDs in storage accounts as sources."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.common import digest, with_given_properties
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kind import SourceKind, SourceReading
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import STORAGE_ACCOUNT, locate
from ansible_collections.golden.azure.plugins.module_utils._model.blob import account_name, read_blob
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]


def _parse(options: Json, subscription_id: str) -> SourceReference:
    return parse_blob("source_blob", options["source_blob"], options, subscription_id)


def parse_blob(option: str, text: str, options: Json, subscription_id: str) -> SourceReference:
    """The blob in an option, with its storage account if that is known.

    :raises InvalidInput: for an invalid blob URL.
    """
    blob = read_blob(option, text)
    account = options["storage_account"] or account_name(blob.uri)
    if "/" not in account and not options["resource_group"]:
        # Only galleries require it; their plan reports if it is missing.
        return blob
    storage_account = locate("storage_account", account, STORAGE_ACCOUNT, options["resource_group"], subscription_id)
    return read_blob(option, text, storage_account)


def _read(arm: ArmReader, request: CaptureRequest) -> SourceReading:
    # A blob cannot be read without data permissions; Azure checks it when the image is created.
    return SourceReading()


def _describe(request: CaptureRequest, state: CaptureState) -> Source | None:
    uri = getattr(request.source, "uri", "")
    return with_given_properties(request, Source(request.source, digest(uri), "", "", request.specialized))


KIND = SourceKind(
    option="source_blob",
    specification={"type": "str"},
    resource_types=("blob",),
    parse=_parse,
    describe=_describe,
    read=_read,
    needs_os_state=True,
)

# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The provenance of an image, as tags."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, fitting, image_mark, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plan_tags, recorded_plan
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]

#: Tag of every image that was captured from a virtual machine: its vmId. ARM ids are reused, vmIds are not.
SOURCE_TAG = "golden.azure.source_vm_id"
#: The same for images from other sources: the uniqueId of a disk or snapshot, or a digest if there is none.
OTHER_SOURCE_TAG = "golden.azure.source_unique_id"
#: The ARM id or URL of the source, or a digest of it if it is too long for a tag.
SOURCE_NAME_TAG = "golden.azure.source"
#: The base image of the source.
BASE_TAG = "golden.azure.base"
RUN_TAG = "golden.azure.run_id"
VERSION_TAG = "golden.azure.collection_version"
#: The host of the run.
HOLDER_TAG = "golden.azure.holder"


@dataclass(frozen=True)
class Run:
    """The run that creates an image."""

    #: The time of the request, in ISO 8601, UTC.
    moment: str = ""
    #: Identifies the run in the tags of the resources that it creates.
    run_id: str = ""
    #: The host of the run.
    holder: str = ""
    #: The process that runs the playbook (see processes.identify()); empty if it cannot be determined.
    process: str = ""


def new_run_id(now: datetime) -> str:
    """A unique id of this run, which sorts by time."""
    return f"{now.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"


def recorded_source(image: Json) -> str | None:
    """The identity of the source of an image, in lower case; None if it is not recorded."""
    tags = image.get("tags")
    value = tag_value(tags, SOURCE_TAG) or tag_value(tags, OTHER_SOURCE_TAG)
    return value.lower() if value else None


def names_source(image: Json, source: SourceReference) -> bool:
    """Whether an image records a source of this name, which may have been another resource."""
    recorded = tag_value(image.get("tags"), SOURCE_NAME_TAG)
    if recorded is not None:
        return recorded.lower() == image_mark(str(source))
    properties = machine.properties(image)
    profile = (properties.get("storageProfile") or {}).get("source") or {}
    return any(
        same_id(named, str(source))
        for named in (
            (properties.get("sourceVirtualMachine") or {}).get("id"),
            profile.get("virtualMachineId"),
            profile.get("id"),
        )
    )


def source_tags(source: Source, run: Run) -> dict[str, str]:
    """The tags of an image: older api-versions do not return its creation date."""
    tags = {
        SOURCE_TAG if source.is_machine else OTHER_SOURCE_TAG: source.identity,
        SOURCE_NAME_TAG: image_mark(str(source.reference)),
        CREATED_AT: run.moment,
        RUN_TAG: run.run_id,
        VERSION_TAG: COLLECTION_VERSION,
    }
    if run.holder:
        tags[HOLDER_TAG] = fitting(run.holder)
    if source.base:
        tags[BASE_TAG] = fitting(source.base)
    return {**tags, **plan_tags(source.purchase_plan)}


def provenance_facts(image: Json) -> Json:
    """The provenance of an image from its tags; None for missing values."""
    tags = image.get("tags")

    def recorded(name: str) -> str | None:
        return tag_value(tags, name)

    return {
        "source": recorded(SOURCE_NAME_TAG),
        "source_vm_id": recorded(SOURCE_TAG),
        "source_unique_id": recorded(OTHER_SOURCE_TAG),
        "base": recorded(BASE_TAG),
        "purchase_plan": recorded_plan(tags),
        "run_id": recorded(RUN_TAG),
        "holder": recorded(HOLDER_TAG),
        "collection_version": recorded(VERSION_TAG),
        "created_at": recorded(CREATED_AT),
    }

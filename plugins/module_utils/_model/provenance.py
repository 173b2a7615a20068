# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an image carries about where it comes from, as tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, fitting, image_mark, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plan_tags, recorded_plan
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]

#: Tag on every image that was made of a machine: its vmId. ARM ids are used again, vmIds are not.
SOURCE_TAG = "golden.azure.source_vm_id"
#: The same for images of anything else: the uniqueId of a disk or snapshot, a digest of what has none.
OTHER_SOURCE_TAG = "golden.azure.source_unique_id"
#: The ARM id or address of the source, or its digest where that is too long for a tag.
SOURCE_NAME_TAG = "golden.azure.source"
#: What the source was made of itself.
BASE_TAG = "golden.azure.base"
RUN_TAG = "golden.azure.run_id"
VERSION_TAG = "golden.azure.collection_version"
#: The machine that the run was on, for people to find it by.
HOLDER_TAG = "golden.azure.holder"


@dataclass(frozen=True)
class Run:
    """The run that makes an image."""

    #: When it was asked for, in ISO 8601, UTC.
    moment: str = ""
    #: Tells it from other runs in the tags of what it makes.
    run_id: str = ""
    #: The machine that it runs on, for people to find the run by.
    holder: str = ""
    #: The process that runs the playbook (see processes.identify()); empty where it cannot be told.
    process: str = ""


def recorded_source(image: Json) -> str | None:
    """The identity of what an image was made of, in lower case; None for images that do not say."""
    tags = image.get("tags")
    value = tag_value(tags, SOURCE_TAG) or tag_value(tags, OTHER_SOURCE_TAG)
    return value.lower() if value else None


def names_source(image: Json, source: SourceReference) -> bool:
    """Whether an image says that it was made of something of this name; that may have been another one."""
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
    """The tags of an image: older api-versions do not even say when it was made."""
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
    """Where an image comes from, by its tags; None for what they do not say."""
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

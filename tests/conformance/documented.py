# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Differences that are no fault of the embedded Azure, each with its reason; the report counts and caps them."""

from __future__ import annotations

import re

from .compare import Difference

# (operation, place and wording of the difference, reason)
_DOCUMENTED: tuple[tuple[str, str, str], ...] = (
    (
        r".*",
        r"^error\.message: .*was not found\. For more details please go to .* instead of .*was not found\.[\"']$",
        "ARM's front door has added a link to this message since the recording (2018)",
    ),
    (
        r"^GET (Compute: \(sub scope\)|/providers)$",
        r"^(value\[\]|resourceTypes|authorizations?|registrationState|value\[\]\.)",
        "the inventory of the whole of Azure: ours lists the providers and types there are",
    ),
    (
        r"vmSizes$",
        r"^value\[\]",
        "the inventory of machine sizes: ours lists a few",
    ),
    (
        r"^GET Compute:locations/\{n\}/usages",
        r"^value\[\]",
        "the inventory of quotas: ours lists those of what it counts",
    ),
    (
        r"^GET Compute:locations/\{n\}/runCommands",
        r"^(value\[\]|script)",
        "the inventory of built-in scripts: ours lists those that run here",
    ),
    (
        r"^GET Compute:virtualMachines/\{n\}",
        r"^(properties\.instanceView\.)?(platformUpdateDomain|platformFaultDomain|internalData): missing$",
        "internal fields that only subscriptions of Azure's own developers see (netsdk recordings)",
    ),
    (
        r"offerTypes|agreements|offertypes",
        r"^systemData\.(createdBy|lastModifiedBy)Type: ",
        "who signed in, the recording does not say",
    ),
    (
        r"Compute:(virtualMachines|disks|locations|restorePointCollections)",
        r"\.id: .* instead of '[^']*/resourceGroups/[0-9A-Z_]{40,}/",
        "the recorder replaced the group's name in the URL but not, in capitals, in the answer",
    ),
    (
        r"^GET Compute:galleries$",
        r"^value\[\]\.id: .*CLITEST\.RG",
        "the recorder replaced the group's name in the URL but not, in capitals, in the list",
    ),
    (
        r"^GET (/resources|resourceGroups/\{n\}/resources)$",
        r"^value\[\]: no item for '.*/providers/(?!Microsoft\.Compute/)",
        "lists show resources of providers that are not part of the embedded Azure",
    ),
    (
        r"^GET Compute:(disks|locations)",
        r"creationData\.imageReference\.id: .*Versions/.* instead of .*Versions/latest",
        "disks used to keep the word latest of their image reference (2019), now its version",
    ),
    (
        r"^GET Compute:disks",
        r"^managedBy: missing \(recorded '.*/virtualMachineScaleSets/",
        "the disk belongs to a machine of a scale set, which the embedded Azure does not have",
    ),
)


# What Azure has answered in two ways to the same request, by the date of the service: (operation, version up to which the older
# way was recorded, difference). Either is accepted, and the report caps how often.
_EITHER: tuple[tuple[str, str, str], ...] = (
    # Recorded in 2020 without, in 2024 with, both with 2020-09-30 (aso__Test_Compute_v1api_CreationAndDeletion).
    (r"^(PUT|PATCH) Compute:(disks|snapshots|diskEncryptionSets)/\{n\}$", "2020-12-01", r"^(id|name|type): missing"),
    # Recorded until 2020 with these, which nothing shows today.
    (
        r"^(PUT|PATCH) Compute:(disks|snapshots)/\{n\}$",
        "2022-03-02",
        r"^properties\.(isArmResource|faultDomain): missing",
    ),
    # Succeeded with 2019-12-01, Updating in recordings of later versions.
    (
        r"^(PUT|PATCH) Compute:galleries/\{n\}$",
        "9999",
        r"^properties\.provisioningState: '(Succeeded|Updating)' instead of '(Succeeded|Updating)'$",
    ),
    # exactVersion is answered from 2019-07-01 on in some recordings, from 2019-12-01 on in others.
    (r"Compute:virtualMachines", "2019-12-01", r"imageReference\.exactVersion: missing"),
)


def is_either(op: str, version: str, difference: Difference) -> bool:
    """Whether recordings of the same request disagree at that place."""
    text = str(difference)
    return any(
        re.search(operation, op) and version <= until and re.search(pattern, text)
        for operation, until, pattern in _EITHER
    )


def reason_for(op: str, difference: Difference) -> str | None:
    """Why a difference is allowed; None when it is a fault."""
    text = str(difference)
    for operation, pattern, reason in _DOCUMENTED:
        if re.search(operation, op) and re.search(pattern, text, re.DOTALL):
            return reason
    return None

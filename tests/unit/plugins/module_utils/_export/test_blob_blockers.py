# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a refusal of storage."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._export.blob_blockers import blob_blockers, container_name

URI = "https://backups.blob.core.windows.net/vhds/web.vhd"


@pytest.mark.parametrize(
    ("status", "code", "found", "words"),
    [
        (None, "", "export_account_not_reached", "'backups'"),
        (403, "AuthorizationPermissionMismatch", "export_blob_denied", "Storage Blob Data Contributor"),
        (403, "AuthorizationFailure", "export_account_closed", "network rules"),
        (403, "", "export_blob_denied", "Storage Blob Data Contributor"),
        (401, "InvalidAuthenticationInfo", "export_blob_denied", "another tenant"),
        (404, "ContainerNotFound", "export_container_not_found", "'vhds'"),
        (404, "ResourceNotFound", "export_container_not_found", "'vhds'"),
        (400, "BlobTypeNotSupported", "export_page_blob_not_supported", "general-purpose v2"),
        (409, "BlobImmutableDueToPolicy", "export_container_immutable", "immutability policy"),
        (409, "BlobImmutableDueToLegalHold", "export_container_immutable", "legal hold"),
        (412, "LeaseIdMissing", "export_blob_leased", "lease"),
        (409, "BlobAlreadyExists", "export_blob_changed", "somebody else"),
        (412, "ConditionNotMet", "export_blob_changed", "somebody else"),
        (404, "BlobNotFound", "export_blob_changed", "deleted"),
        (403, "CannotVerifyCopySource", "export_not_copied", "HTTP 403"),
        (409, "Odd", "export_blob_refused", "HTTP 409, Odd"),
        (418, "", "export_blob_refused", "(HTTP 418)"),
    ],
)
def test_each_refusal_has_its_reason(status: int | None, code: str, found: str, words: str) -> None:
    (finding,) = blob_blockers(URI, status, code)
    assert finding.code == found and words in finding.message


def test_the_container_of_a_url() -> None:
    assert container_name(URI) == "vhds"

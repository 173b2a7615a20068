# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept of Azure's messages: which policy, disk or limit it was; and what is said of connections that there are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal
from ansible_collections.golden.azure.plugins.module_utils._azure.connection_problems import connection_problem
from ansible_collections.golden.azure.plugins.module_utils._azure.error_messages import reason_of

IDENTIFIERS = json.dumps(
    [
        {
            "policyAssignment": {"name": "only-west", "id": "/subscriptions/1/assignments/only-west"},
            "policyDefinition": {"name": "Allowed locations", "id": "/providers/definitions/e56962a6"},
        }
    ]
)
DISALLOWED = f"Resource 'golden' was disallowed by policy. Policy identifiers: '{IDENTIFIERS}'."
#: What Azure says, what stays of it, and what does not.
MESSAGES: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (
        {
            "message": "Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional "
            "details - Deployment Model: Resource Manager, Location: westeurope, Current Limit: 10, Current Usage: 8, "
            "Additional Required: 4, (Minimum) New Limit Required: 12. Setup Alerts when Quota reaches threshold. "
            "Learn more at https://aka.ms/quotamonitoring . Submit a request for Quota increase at "
            "https://aka.ms/ProdportalCRP/#blade/x by specifying parameters listed in the 'Details' section for "
            "deployment to succeed."
        },
        ["Total Regional Cores", "Current Limit: 10", "New Limit Required: 12"],
        ["aka.ms", "Setup Alerts"],
    ),
    (
        {
            "message": "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            "'Microsoft.Compute/galleries/golden/images/web'. Please delete all nested resources before deleting this "
            "resource."
        },
        ["galleries/golden/images/web"],
        [],
    ),
    (
        {
            "message": "Security Type 'TrustedLaunch' is not supported for CreateOption 'Copy'. Supported create options are "
            "FromImage, Import, ImportSecure, UploadPreparedSecure."
        },
        ["UploadPreparedSecure"],
        [],
    ),
    (
        {
            "message": "OS Provisioning for VM 'web' did not finish in the allotted time. However, the VM guest agent was "
            "detected running. This suggests the guest OS has not been properly prepared to be used as a VM image."
        },
        ["allotted time", "agent was detected running", "not been properly prepared"],
        [],
    ),
    (
        {
            "message": "Deletion of resource group 'g' failed as resources with identifiers 'Microsoft.Compute/disks/d' could not "
            "be deleted. The provisioning state of the resource group will be rolled back. The tracking Id is "
            "'f07cd19f'. Please check audit logs for more details.",
            "details": [{"code": "Conflict", "message": "Disk d is attached to VM v."}],
        },
        ["Microsoft.Compute/disks/d", "attached to VM v"],
        ["f07cd19f", "audit logs"],
    ),
    (
        {
            "message": "Marketplace purchase eligibilty check returned errors. See inner errors for details. ",
            "details": [{"message": "Offer with PublisherId: 'p' and OfferId: 'o' cannot be purchased."}],
        },
        ["OfferId: 'o'"],
        ["inner errors"],
    ),
    (
        {
            "message": "Please provide below info when asking for support: timestamp = 2019, correlationId = dcfb51de.",
            "details": [
                {"code": "InvalidQuery", "message": "Query is invalid."},
                {"message": "Column 'x' is unknown."},
            ],
        },
        ["Query is invalid", "Column 'x' is unknown"],
        ["dcfb51de"],
    ),
    ({"message": DISALLOWED}, ["disallowed by policy", "Allowed locations"], ["policyAssignment", "e56962a6"]),
    (
        {
            "message": "The template deployment failed because of policy violation. Please see details for more information.",
            "details": [{"code": "RequestDisallowedByPolicy", "message": DISALLOWED}],
        },
        ["policy violation", "Allowed locations"],
        ["policyAssignment"],
    ),
    (
        {
            "message": "Resource 'golden' was disallowed by policy. Reasons: 'Images stay in the west'. See error details for policy "
            "resource IDs.",
            "additionalInfo": [{"type": "PolicyViolation", "info": {"policyDefinitionDisplayName": "West only"}}],
        },
        ["Images stay in the west", "West only"],
        ["See error details"],
    ),
    (
        {
            "message": "The Resource 'i' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        },
        ["The Resource 'i' was not found"],
        ["aka.ms"],
    ),
    (
        {"message": "Changing property 'osDisk' is not allowed.\nActivityId: 1-2\n"},
        ["osDisk"],
        ["\n"],
    ),
    ({"message": "Please check audit logs."}, ["audit logs"], []),
    ({}, ["no reason given"], []),
]


@pytest.mark.parametrize(("error", "kept", "left_out"), MESSAGES)
def test_what_names_the_cause_is_kept(error: dict[str, Any], kept: list[str], left_out: list[str]) -> None:
    told = reason_of(error)
    assert [each for each in kept if each not in told] == [], told
    assert [each for each in left_out if each in told] == [], told
    # One sentence, to which advice may be added.
    assert ". " not in told and not told.endswith(".")


def test_a_message_of_a_thousand_names_has_an_end() -> None:
    assert len(reason_of({"message": "Some are left: " + "a-name, " * 1000})) < 1300


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_azures_own_trouble_is_told_by_its_status(status: int) -> None:
    assert f"HTTP {status}" in str(refusal("Reading image 'golden'", status, {}, None))


def _pool(host: str, cause: str) -> str:
    return f"HTTPSConnectionPool(host='{host}', port=443): Max retries exceeded with url: /x (Caused by {cause})"


PROXY = "ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: {}'))"
RESOLUTION = "NameResolutionError(\"Failed to resolve 'h' ([Errno -2] Name or service not known)\")"
REFUSED = "NewConnectionError('[Errno 111] Connection refused')"


@pytest.mark.parametrize(
    ("host", "cause", "code", "cloud"),
    [
        ("management.azure.com", PROXY.format("407 Proxy Authentication Required"), "proxy_wants_credentials", False),
        ("management.azure.com", PROXY.format("403 Forbidden"), "proxy_refused", False),
        ("management.azure.com", f"ProxyError('Unable to connect to proxy', {REFUSED})", "proxy_unreachable", False),
        ("management.azure.com", RESOLUTION, "name_not_resolved", False),
        ("login.microsoftonline.us", REFUSED, "unreachable", False),
        ("management.chinacloudapi.cn", "ConnectTimeoutError('timed out')", "no_answer_in_time", False),
        ("arm.stack.example", RESOLUTION, "name_not_resolved", True),
        ("arm.stack.example", REFUSED, "unreachable", True),
        ("arm.stack.example", "ConnectTimeoutError('timed out')", "no_answer_in_time", True),
        ("arm.stack.example", "SSLError('CERTIFICATE_VERIFY_FAILED')", "certificate_not_trusted", False),
    ],
)
def test_the_cloud_is_suspected_only_where_it_was_given_by_its_address(
    host: str, cause: str, code: str, cloud: bool
) -> None:
    problem = connection_problem(_pool(host, cause))
    assert problem.code == code
    assert ("cloud_environment" in problem.reason) is cloud

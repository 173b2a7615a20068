# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of blob storage: other than Resource Manager's, they are XML, and repeat their code in a header.

Codes, statuses and words: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and common-rest-api-error-codes
there; where another source is known, it stands beside the row.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

_TEXTS: dict[str, tuple[int, str]] = {
    "AppendPositionConditionNotMet": (412, "The append position condition specified was not met."),
    "AuthenticationFailed": (
        403,
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the "
        "signature.",
    ),
    # Of an identity without a role
    # (learn.microsoft.com/troubleshoot/azure/azure-storage/blobs/authentication/storage-troubleshoot-403-errors).
    "AuthorizationPermissionMismatch": (
        403,
        "This request is not authorized to perform this operation using this permission.",
    ),
    # Of the network rules of the account (same page).
    "AuthorizationFailure": (403, "This request is not authorized to perform this operation."),
    "BlobAlreadyExists": (409, "The specified blob already exists."),
    "BlobImmutableDueToPolicy": (409, "This operation is not permitted as the blob is immutable due to a policy."),
    "BlobNotFound": (404, "The specified blob does not exist."),
    # Azure/azure-cli#10193 (page blobs), Azure/azure-storage-python#264 (all others in accounts for premium page blobs).
    "BlobTypeNotSupported": (400, "Page blob is not supported for this account type."),
    "CannotVerifyCopySource": (404, "Could not verify the copy source within the specified time."),
    "ConditionNotMet": (412, "The condition specified using HTTP conditional header(s) is not met."),
    "ContainerAlreadyExists": (409, "The specified container already exists."),
    "ContainerNotFound": (404, "The specified container does not exist."),
    "InvalidAuthenticationInfo": (
        401,
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    ),
    "InvalidBlobType": (409, "The blob type is invalid for this operation."),
    "InvalidHeaderValue": (400, "The value for one of the HTTP headers is not in the correct format."),
    "InvalidPageRange": (416, "The page range specified is invalid."),
    "InvalidQueryParameterValue": (
        400,
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    "InvalidRange": (416, "The range specified is invalid for the current size of the resource."),
    "LeaseIdMissing": (412, "There is currently a lease on the blob and no lease ID was specified in the request."),
    "Md5Mismatch": (
        400,
        "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
    ),
    "MissingRequiredHeader": (400, "An HTTP header that's mandatory for this request is not specified."),
    "NoAuthenticationInformation": (
        401,
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    ),
    "RequestBodyTooLarge": (413, "The request body is too large and exceeds the maximum permissible limit."),
    "UnsupportedHttpVerb": (405, "The resource doesn't support specified Http Verb."),
}


class StorageError(Exception):
    """A refusal.

    :param status: instead of the usual one; `CannotVerifyCopySource` has that of the source (Azure/azure-storage-azcopy#1020).
    """

    def __init__(self, code: str, status: int | None = None, message: str = "", **headers: str) -> None:
        usual, text = _TEXTS.get(
            code, (status or 500, "The server encountered an internal error. Please retry the request.")
        )
        super().__init__(message or text)
        self.code = code
        self.status = status or usual
        self.message = message or text
        self.headers = headers

    def body(self) -> bytes:
        """The error as it stands in a body."""
        return (
            f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}'
            "</Message></Error>"
        ).encode()

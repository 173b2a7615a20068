# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the metadata of a cloud that is specified by its URL, without signing in."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import translated
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import ARMPipelineClient, rest
from ansible_collections.golden.azure.plugins.module_utils._azure.transport import DeadlineTransport, metadata_policies
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput


def metadata_reader(deadline: Deadline, verify_certificates: bool) -> Callable[[str], Any]:
    """A function that reads a URL and returns its JSON.

    It raises a Failure if the response is invalid.
    """

    def read(url: str) -> Any:
        operation_label = f"Reading the metadata of the cloud '{url.split('/metadata/', maxsplit=1)[0]}'"
        transport = DeadlineTransport(deadline, verify_certificates)
        client = ARMPipelineClient(base_url=url, policies=metadata_policies(), transport=transport)
        with translated(operation_label), client:
            response = client.send_request(rest.HttpRequest("GET", url))
        if response.status_code != 200:
            raise InvalidInput(
                f"{operation_label} failed: the endpoint returned HTTP {response.status_code}; check "
                "'cloud_environment'."
            )
        try:
            return response.json()
        except ValueError:
            raise InvalidInput(
                f"{operation_label} failed: the response is not JSON; check 'cloud_environment'."
            ) from None

    return read

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users and passwords in addresses are shown nowhere."""

from __future__ import annotations

import json

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure


@pytest.mark.parametrize(
    "address", ["https://user:Pa55w0rd@localhost:1", "http://user:Pa55w0rd@localhost/x", "https://Pa55w0rd@a"]
)
def test_a_cloud_whose_address_has_a_password_is_refused_and_not_shown(run, address: str) -> None:
    result = run("vm_image_info", cloud_environment=address)
    assert result["rc"] == 1
    assert result["error"]["code"] == "cloud_address_with_user"
    assert "Pa55w0rd" not in json.dumps({**result, "invocation": None})


def test_no_failure_shows_one() -> None:
    failure = Failure("Reading 'https://user:Pa55w0rd@host/path' failed; see https://example.org/@here.")
    assert str(failure) == "Reading 'https://********@host/path' failed; see https://example.org/@here."

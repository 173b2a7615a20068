# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import translated
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed


def told(code: str) -> SignInFailed:
    with pytest.raises(SignInFailed) as failed, translated("Signing in"):
        raise exceptions.ClientAuthenticationError(f"Authentication failed: {code}: Something. Trace ID: 1")
    return failed.value


@pytest.mark.parametrize("code", [50001, 90002, 90038, 90051, 500011, 900382, 900432, 900439])
def test_what_can_mean_another_cloud(code: int) -> None:
    failure = told(f"AADSTS{code}")
    assert failure.code == f"AADSTS{code}"
    assert "'cloud_environment'" in failure.message


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (700016, "'client_id'"),
        (50034, "'ad_user'"),
        (7000215, "'secret'"),
        (7000222, "new secret"),
        (700027, "certificate"),
        (53003, "Conditional Access"),
        (70043, "az login"),
        (700082, "az login"),
        (50076, "multi-factor"),
        (700213, "federated"),
    ],
)
def test_what_has_nothing_to_do_with_the_cloud(code: int, advice: str) -> None:
    message = told(f"AADSTS{code}").message
    assert advice in message
    assert "cloud_environment" not in message


def test_an_unknown_code_is_told_as_it_came() -> None:
    assert told("AADSTS1").message == "Signing in failed: Something."

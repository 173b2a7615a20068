# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, users and passwords of machines that Azure does not take, and what the collection lets through."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._instance.login import host_name, login_findings

from embedded_azure.errors import AzureError
from embedded_azure.providers import os_profile_rules

PROFILE = {"computerName": "web", "adminUsername": "azureuser", "adminPassword": "Correct-horse-1"}


@pytest.mark.parametrize("os_type", ["Linux", "Windows"])
def test_an_ordinary_profile_is_taken(os_type: str) -> None:
    os_profile_rules.check(PROFILE, os_type, "web")
    os_profile_rules.check({}, os_type, "a name that is not one")


@pytest.mark.parametrize(
    ("os_type", "profile", "words", "target"),
    [
        ("Windows", {"computerName": "sixteen-letters-"}, "cannot be more than 15", "computerName"),
        ("Windows", {"computerName": "123"}, "be entirely numeric", "computerName"),
        ("Windows", {"computerName": "a.b"}, "contain the following characters", "computerName"),
        ("Linux", {"computerName": "x" * 65}, "cannot exceed 64", "computerName"),
        ("Linux", {"computerName": "a_b"}, "contain the following characters", "computerName"),
        ("Linux", {"adminUsername": "root"}, "Admin Username specified is not allowed", "adminUsername"),
        ("Windows", {"adminUsername": "Administrator"}, "Admin Username specified is not allowed", "adminUsername"),
        ("Windows", {"adminUsername": "dot."}, "end with a period", "adminUsername"),
        ("Windows", {"adminUsername": "x" * 21}, "cannot be more than 20", "adminUsername"),
        ("Windows", {"adminPassword": "Sh0rt!"}, "between 8-123", "adminPassword"),
        ("Linux", {"adminPassword": "lowercase1"}, "at least 3 of password", "adminPassword"),
        ("Linux", {"adminPassword": "Password22"}, "password specified is not allowed", "adminPassword"),
    ],
)
def test_what_azure_refuses(os_type: str, profile: dict[str, str], words: str, target: str) -> None:
    with pytest.raises(AzureError) as refused:
        os_profile_rules.check({**PROFILE, **profile}, os_type, "web")
    assert (refused.value.code, refused.value.target) == ("InvalidParameter", target)
    assert words in refused.value.message


def test_the_name_of_the_machine_stands_in_for_that_of_its_host() -> None:
    with pytest.raises(AzureError, match="cannot be more than 15"):
        os_profile_rules.check({"adminUsername": "azureuser"}, "Windows", "a-machine-with-a-long-name")


@pytest.mark.parametrize("os_type", ["Linux", "Windows"])
@pytest.mark.parametrize("name", ["web", "web_1", "1234", "a" * 64, "a.b", "web-build-with-a-long-name"])
def test_host_names_of_the_collection_are_taken(os_type: str, name: str) -> None:
    os_profile_rules.check({**PROFILE, "computerName": host_name(name, os_type)}, os_type, name)


@pytest.mark.parametrize("os_type", ["Linux", "Windows"])
@pytest.mark.parametrize("user", ["azureuser", "root", "Admin", "dot.", "x" * 21, "a@b", "user5", "golden"])
@pytest.mark.parametrize("password", ["Correct-horse-1", "short", "lowercase1", "P@ssw0rd", "Aa1" * 25, None])
def test_whatever_the_collection_lets_through_is_taken(os_type: str, user: str, password: str | None) -> None:
    profile = {"computerName": "web", "adminUsername": user, "adminPassword": password}
    if not list(login_findings(os_type, user, password)):
        os_profile_rules.check(profile, os_type, "web")

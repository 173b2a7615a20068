# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which API version is used after a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal
from ansible_collections.golden.azure.plugins.module_utils._azure.api_versions import (
    API_VERSIONS,
    OLDEST_VERSIONS,
    PROVIDERS,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import (
    API_VERSION_NOT_SUPPORTED,
    ApiVersions,
    listed_versions,
    versions_file,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, NotFound, Refused

#: As Azure Stack Hub answers for disks (kubernetes-sigs/azuredisk-csi-driver#2577).
NOT_REGISTERED = (
    "No registered resource provider found for location 'local' and API version '2026-03-02' for type 'disks'. The supported "
    "api-versions are '{versions}'. The supported locations are 'local'."
)
STACK_HUB = "2017-03-30, 2018-04-01, 2018-06-01, 2018-09-30, 2019-03-01, 2019-07-01, 2019-11-01"


def knows(*known: str, code: str = "NoRegisteredProviderFound", status: int = 400) -> Callable[[str], str]:
    """A request to a cloud that knows these versions."""

    def send(version: str) -> str:
        if version in known:
            return version
        message = NOT_REGISTERED.format(versions=", ".join(known))
        raise refusal("Reading disk 'd'", status, {"code": code, "message": message}, "id")

    return send


@pytest.mark.parametrize(
    ("code", "message", "versions"),
    [
        ("NoRegisteredProviderFound", NOT_REGISTERED.format(versions=STACK_HUB), tuple(STACK_HUB.split(", "))),
        # ansible-collections/azure#1930
        (
            "InvalidApiVersionParameter",
            "The api-version '2023-04-02' is invalid. The supported versions are '2025-04-01,2024-10-01-preview'.",
            ("2025-04-01", "2024-10-01-preview"),
        ),
        ("NoRegisteredProviderFound", "No registered resource provider found for location 'x'.", ()),
        ("InvalidParameter", "The supported api-versions are '2020-01-01'.", ()),
    ],
)
def test_what_azure_lists(code: str, message: str, versions: tuple[str, ...]) -> None:
    assert listed_versions(code, message) == versions


def test_the_newest_that_both_know() -> None:
    versions = ApiVersions()
    assert versions.negotiated("disks", knows(*STACK_HUB.split(", "))) == "2019-11-01"
    assert versions.is_older("disks")
    assert not versions.is_older("galleries")
    # The next request is sent with it at once.
    assert versions.negotiated("disks", lambda version: version) == "2019-11-01"
    assert versions.notice() == (
        "Azure does not know the newest API versions here, so that older ones are used: Microsoft.Compute/disks 2019-11-01 instead of "
        f"{API_VERSIONS['disks']}."
    )


def test_previews_and_newer_versions_are_not_used() -> None:
    assert (
        ApiVersions().negotiated("galleries", knows("2099-01-01", "2023-01-01-preview", "2022-08-03")) == "2022-08-03"
    )


def test_another_region_that_knows_even_less() -> None:
    versions = ApiVersions()
    versions.negotiated("compute", knows("2022-11-01", "2022-03-01"))
    assert versions.negotiated("compute", knows("2022-03-01")) == "2022-03-01"
    # The same release of the provider serves images.
    assert versions.of("images") == "2022-03-01"


def test_no_version_is_shared() -> None:
    with pytest.raises(Refused) as refused:
        ApiVersions().negotiated("disks", knows("2016-04-30-preview", "2017-03-30"))
    assert refused.value.code == API_VERSION_NOT_SUPPORTED
    assert refused.value.request_id == "id"


def test_a_type_that_exists_in_no_version_is_refused_as_before() -> None:
    with pytest.raises(NotFound) as missing:
        ApiVersions().negotiated("galleries", _always_missing)
    assert missing.value.code == "InvalidResourceType"


def _always_missing(version: str) -> str:
    message = (
        "The resource type 'galleries' could not be found in the namespace 'Microsoft.Compute' for api version "
        f"'{version}'. The supported api-versions are '2022-03-03,{API_VERSIONS['galleries']}'."
    )
    raise refusal("Listing galleries", 404, {"code": "InvalidResourceType", "message": message}, None)


def test_other_refusals_are_not_sent_again() -> None:
    sent: list[str] = []

    def send(version: str) -> str:
        sent.append(version)
        raise refusal("Reading disk 'd'", 403, {"code": "AuthorizationFailed", "message": "No."}, None)

    with pytest.raises(Failure, match="No"):
        ApiVersions().negotiated("disks", send)
    assert len(sent) == 1


def test_a_run_shares_its_choice(tmp_path: Path) -> None:
    path = versions_file(str(tmp_path), "https://management.example")
    first = ApiVersions(path)
    first.negotiated("disks", knows("2022-07-02"))
    second = ApiVersions(path)
    assert second.of("disks") == "2022-07-02"
    # It was said before.
    assert second.notice() is None
    second.negotiated("galleries", knows("2022-08-03"))
    assert json.loads(Path(path).read_text()) == {"disks": "2022-07-02", "galleries": "2022-08-03"}
    assert ApiVersions(versions_file(str(tmp_path), "https://another.example")).of("disks") == API_VERSIONS["disks"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"disks": "1999-01-01"}', '{"nothing": "2022-07-02"}', '{"disks": null}']
)
def test_a_file_that_is_of_no_use(tmp_path: Path, content: str) -> None:
    path = tmp_path / "versions"
    path.write_text(content)
    assert ApiVersions(str(path)).of("disks") == API_VERSIONS["disks"]


def test_every_version_has_an_oldest_one() -> None:
    assert set(OLDEST_VERSIONS) == set(API_VERSIONS) == set(PROVIDERS)
    assert [key for key in API_VERSIONS if OLDEST_VERSIONS[key] > API_VERSIONS[key]] == []

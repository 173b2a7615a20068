# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What embedded Azure offers: community galleries, publishers, sizes and their quotas."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.vm_cores import cores_of, family_of

GRAPH = "/providers/Microsoft.ResourceGraph/resources"
TABLE = "communitygalleryresources | where type =~ 'microsoft.compute/locations/communitygalleries'"


def place(azure: EmbeddedAzure, region: str = "westeurope") -> str:
    return f"/subscriptions/{azure.settings.subscription}/providers/Microsoft.Compute/locations/{region}"


def shared(arm: Any, enable: bool = True) -> str:
    """A community gallery; its public name."""
    information = {"publicNamePrefix": "opened", "eula": "e", "publisherUri": "https://u", "publisherContact": "c@u"}
    profile = {"permissions": "Community", "communityGalleryInfo": information}
    arm.send("PUT", "galleries/g", {"location": "westeurope", "properties": {"sharingProfile": profile}})
    if enable:
        arm.send("POST", "galleries/g/share", {"operationType": "EnableCommunity"})
    community = arm.send("GET", "galleries/g").json()["properties"]["sharingProfile"]["communityGalleryInfo"]
    return str(community["publicNames"][0])


def test_resource_graph_lists_community_galleries(arm: Any) -> None:
    name = shared(arm)
    (row,) = arm.send("POST", GRAPH, {"query": f"{TABLE} and location == 'westeurope'"}, version="2022-10-01").json()[
        "data"
    ]
    assert (row["name"], row["location"]) == (name, "westeurope")
    assert row["properties"]["identifier"] == {"uniqueId": f"/CommunityGalleries/{name}"}
    told = {"publisherUri": "https://u", "publisherContact": "c@u", "eula": "e", "publicNames": [name]}
    assert row["properties"]["communityMetadata"] == told
    assert (
        arm.send("POST", GRAPH, {"query": f"{TABLE} and location == 'northeurope'"}, version="2022-10-01").json()[
            "data"
        ]
        == []
    )
    read = arm.send("GET", f"{place(arm.azure)}/communityGalleries/{name}").json()
    assert read["properties"]["communityMetadata"] == told


def test_what_is_not_shared_yet_is_not_listed(arm: Any) -> None:
    shared(arm, enable=False)
    assert arm.send("POST", GRAPH, {"query": TABLE}, version="2022-10-01").json()["data"] == []
    # Resource Manager has no listing of them.
    assert arm.send("GET", f"{place(arm.azure)}/communityGalleries").status_code == 404


def test_a_publisher_of_extensions_has_no_offers(arm: Any) -> None:
    base = f"{place(arm.azure)}/publishers"
    assert "Microsoft.Azure.Extensions" in [row["name"] for row in arm.send("GET", base).json()]
    assert arm.send("GET", f"{base}/Microsoft.Azure.Extensions/artifacttypes/vmimage/offers").json() == []


def test_versions_in_an_order_and_the_first_of_them(arm: Any) -> None:
    base = f"{place(arm.azure)}/publishers/Debian/artifacttypes/vmimage/offers/debian-13/skus/13-gen2/versions"
    (newest,) = arm.send("GET", f"{base}?$top=1&$orderby=name%20desc").json()
    assert newest["name"] == "0.20260914.2601" and "properties" not in newest
    (whole,) = arm.send("GET", f"{base}?$top=1&$expand=properties").json()
    assert whole["name"] == "0.20260112.2355" and whole["properties"]["hyperVGeneration"] == "V2"


@pytest.mark.parametrize(
    ("size", "family", "cores"),
    [
        ("Standard_D2s_v5", "standardDSv5Family", 2),
        ("Standard_D16ps_v5", "standardDPSv5Family", 16),
        ("Standard_DC2as_v5", "standardDCASv5Family", 2),
        ("Standard_D4ald_v6", "standardDaldv6Family", 4),
        ("Standard_A2_v2", "standardAv2Family", 2),
        ("Standard_B2s", "standardBSFamily", 2),
        ("Standard_DS3_v2", "standardDSv2Family", 4),
        ("Standard_DS13-2_v2", "standardDSv2Family", 8),
        ("Standard_E8bds_v5", "standardEBDSv5Family", 8),
    ],
)
def test_families_and_cores(size: str, family: str, cores: int) -> None:
    assert (family_of(size), cores_of(size)) == (family, cores)


def usage(arm: Any, name: str) -> tuple[int, int]:
    rows = arm.send("GET", f"{place(arm.azure)}/usages").json()["value"]
    (row,) = (row for row in rows if row["name"]["value"] == name)
    return row["currentValue"], row["limit"]


def test_cores_are_counted_by_family_and_region(arm: Any) -> None:
    # The machine of the fixture has two cores; it counts while it is deallocated, too.
    arm.azure.act(arm.id("virtualMachines/source"), "deallocate")
    assert usage(arm, "standardDSv5Family")[0] == usage(arm, "cores")[0] == 2
    assert usage(arm, "lowPriorityCores")[0] == 0
    arm.azure.settings.quotas = {"standardDSv5Family": 3}
    machine = {"name": "more", "group": "golden"}
    with pytest.raises(Exception, match=r"standardDSv5Family Cores quota.*Current Usage: 2, Additional Required: 2"):
        arm.azure.seed({"virtual_machines": [machine]})
    arm.azure.seed({"virtual_machines": [{**machine, "size": "Standard_D2s_v3"}]})


def test_a_restricted_size_is_listed_with_its_restriction_and_refused(arm: Any) -> None:
    arm.azure.settings.restricted_sizes = {"westeurope": {"Standard_D2s_v5": [], "Standard_D2s_v3": ["2"]}}
    path = f"/subscriptions/{arm.azure.settings.subscription}/providers/Microsoft.Compute/skus?$filter=location eq 'westeurope'"
    rows = {row["name"]: row for row in arm.send("GET", path).json()["value"]}
    (restriction,) = rows["Standard_D2s_v5"]["restrictions"]
    assert (restriction["type"], restriction["reasonCode"]) == ("Location", "NotAvailableForSubscription")
    (zones,) = rows["Standard_D2s_v3"]["restrictions"]
    assert (zones["type"], zones["restrictionInfo"]["zones"]) == ("Zone", ["2"])
    assert rows["Standard_D4s_v5"]["restrictions"] == []
    with pytest.raises(Exception, match="not available in location 'westeurope' zones ''"):
        arm.azure.seed({"virtual_machines": [{"name": "web", "group": "golden"}]})
    zoned = {"name": "web", "group": "golden", "size": "Standard_D2s_v3"}
    with pytest.raises(Exception, match="zones '2'"):
        arm.azure.seed({"virtual_machines": [{**zoned, "zones": ["2"]}]})
    arm.azure.seed({"virtual_machines": [{**zoned, "zones": ["1"]}]})

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_image_remove: do, again, check mode, check mode again."""

from __future__ import annotations

import pytest

from scripted_azure.resources import IMAGE_ID, image, stand_unused
from scripted_azure.wire import accepted

TASK = {"name": "golden", "resource_group": "images"}


def expect_absent(wire, code="ResourceNotFound"):
    wire.refuse("GET", IMAGE_ID, 404, code, "It was not found.")


def test_remove(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("GET", IMAGE_ID, body=image())
    wire.expect("DELETE", IMAGE_ID, 202, headers=accepted())
    wire.operation()
    result = run("vm_image_remove", **TASK)
    assert result["changed"] is True
    assert [removed["id"] for removed in result["removed"]] == [IMAGE_ID]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound"])
def test_remove_again(wire, run, check, code):
    expect_absent(wire, code)
    result = run("vm_image_remove", check, **TASK)
    assert (result["changed"], result["removed"]) == (False, [])


def test_check_mode_deletes_nothing(wire, run):
    stand_unused(wire)
    wire.expect("GET", IMAGE_ID, body=image())
    result = run("vm_image_remove", check=True, **TASK)
    assert result["changed"] is True
    assert result["plan"]["steps"][0]["write"] == {"method": "DELETE", "path": IMAGE_ID, "body": None}


def test_a_removal_under_way_is_waited_for(wire, run):
    wire.expect("GET", IMAGE_ID, body=image(state="Deleting"))
    wire.expect("GET", IMAGE_ID, body=image(state="Deleting"))
    expect_absent(wire)
    assert run("vm_image_remove", **TASK)["changed"] is False


def test_an_unknown_subscription_is_no_removed_image(wire, run):
    expect_absent(wire, "SubscriptionNotFound")
    result = run("vm_image_remove", **TASK)
    assert result["rc"] == 1
    assert "SubscriptionNotFound" in result["msg"]

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles to remove, by the names of their users; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.removal import PROFILE, removal

_ACTION = "profiles"
_SOURCE = "https://learn.microsoft.com/windows/win32/wmisdk/win32-userprofile"
_REASON = "its user is listed for removal; the image would contain files, settings and credentials of the user"


def profile_removals(facts: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Profiles to delete."""
    return [removal(_ACTION, profile["path"], _REASON, _SOURCE, what=PROFILE) for profile in _named(facts, names)]


def profile_blockers(facts: Mapping[str, Any], names: Sequence[str]) -> Iterator[Finding]:
    """Profiles that Windows cannot delete, because they are in use."""
    for profile in _named(facts, names):
        if profile.get("loaded"):
            yield finding(
                "profile_in_use",
                f"The profile {profile['path']} cannot be removed, because it is in use: connect as another user, such as the "
                "administrator that Azure has created, and end the sessions and services of this user.",
            )


def _named(facts: Mapping[str, Any], names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The profiles whose directory has one of the names, regardless of case."""
    wanted = {name.lower() for name in names}
    return [
        profile
        for profile in facts.get("user_profiles") or []
        if str(profile.get("path")).rpartition("\\")[2].lower() in wanted
    ]

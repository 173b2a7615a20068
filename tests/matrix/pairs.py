# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tested with what: releases of ansible-core, of Python and of the Azure SDK."""

from __future__ import annotations

from dataclasses import dataclass

#: The oldest releases of the SDK that the collection says it works with (requirements.txt).
OLDEST_SDK = ("azure-mgmt-compute==33.0.0", "azure-identity==1.16.0")
NEWEST_SDK = ("azure-mgmt-compute", "azure-identity")

NEWEST = "newest"


@dataclass(frozen=True)
class Pair:
    """One ansible-core on one Python."""

    name: str
    #: As pip takes it.
    ansible_core: str
    #: Python of the controller.
    python: str
    sdk: tuple[str, ...]
    #: Python that modules run on where they run as modules.
    module_python: str
    #: Whether ansible-test sanity is run, too; that of the releases between finds nothing else.
    sanity: bool


# Which ansible-core runs on which Python, as controller and as target:
# https://docs.ansible.com/ansible/latest/reference_appendices/release_and_maintenance.html#ansible-core-support-matrix
PAIRS = (
    Pair("2.16", "ansible-core==2.16.*", "3.11", OLDEST_SDK, "3.9", sanity=True),
    Pair("2.17", "ansible-core==2.17.*", "3.10", OLDEST_SDK, "3.12", sanity=False),
    Pair("2.18", "ansible-core==2.18.*", "3.11", NEWEST_SDK, "3.10", sanity=True),
    Pair("2.19", "ansible-core==2.19.*", "3.11", NEWEST_SDK, "3.13", sanity=True),
    Pair("2.20", "ansible-core==2.20.*", "3.12", NEWEST_SDK, "3.9", sanity=True),
    Pair("2.21", "ansible-core==2.21.*", "3.13", OLDEST_SDK, "3.11", sanity=False),
    # Whatever has been published, betas and candidates included, so that it is known before it is released.
    Pair(NEWEST, "ansible-core>=2.22.0b1", "3.13", NEWEST_SDK, "3.9", sanity=True),
)


def find_pairs(names: str) -> tuple[Pair, ...]:
    """The pairs with these names, separated by commas; all for none.

    :raises ValueError: for a name that there is not.
    """
    if not names:
        return PAIRS
    by_name = {pair.name: pair for pair in PAIRS}
    unknown = [name for name in names.split(",") if name not in by_name]
    if unknown:
        raise ValueError(f"There is no pair {', '.join(unknown)}; there are {', '.join(by_name)}.")
    return tuple(by_name[name] for name in names.split(","))

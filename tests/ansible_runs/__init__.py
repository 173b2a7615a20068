# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the real ansible-playbook, hundreds of them, without importing the same libraries hundreds of times.

Half of what an empty playbook costs is importing libraries, also those of connections to Windows, which Ansible loads in
every start where they are installed. So one process for each pytest worker imports them once and forks for each run. In
the fork Ansible itself is imported anew, under the environment of its run.
"""

from .starter import run

__all__ = ["run"]

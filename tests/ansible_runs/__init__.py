# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the real ansible-playbook, hundreds of them, without importing the same libraries hundreds of times.

Most of what an empty playbook costs is importing libraries and Ansible itself. So one process for each pytest worker imports the
libraries once. It forks, and the fork imports Ansible under the environment of a run, as Ansible reads it at that moment; the runs
that follow in the same environment are forks of that one.
"""

from .starter import run

__all__ = ["run"]

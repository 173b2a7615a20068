# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of AWX's API that configuration as code talks to, so that it can be applied with the modules of awx.awx.

What is accepted and refused is AWX's, read in its source (ansible/awx, release 24.6.1: awx/api/serializers.py,
awx/api/views, awx/main/fields.py, awx/main/models); each check names its place. Jobs do not run here.
"""

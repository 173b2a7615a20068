#!/bin/sh
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# A second administrator, who goes.
set -eu
useradd --create-home --shell /bin/bash builder
printf 'builder ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/builder
echo secret >/home/azureuser/.bash_history
echo data >/home/azureuser/data

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in guest whose registry, files and processes are real: those of Wine, with a stand-in for sysprep.exe.

What it shows on top of the plain stand-in: that the role's command line reaches a Windows program argument by argument, that exit
codes and ImageState come back through a real registry and a real process, that repairs change real values and files. What it
cannot: PowerShell, which Wine has not, and the real sysprep. Wine's own powershell, dism, findstr, wevtutil and shutdown succeed
without doing anything, so that nothing here calls them.
"""

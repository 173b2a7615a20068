# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

@{
    # They run from Ansible, which has a check mode of its own: no script is run in it that changes something.
    # And parameters that are used in a script block count as unused.
    ExcludeRules = @('PSUseShouldProcessForStateChangingFunctions', 'PSReviewUnusedParameter')
    Severity     = @('Error', 'Warning')
}

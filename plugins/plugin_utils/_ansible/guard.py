# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards for undocumented parts of Ansible that this package uses.

Everything undocumented that this collection's plugins use is used in this package and nowhere else. Each use is guarded:
if a part is missing or behaves differently, InternalsChanged names it, and the caller uses the documented way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ansible.errors import AnsibleError


class InternalsChanged(Exception):
    """An undocumented part of Ansible is missing, or behaves differently than expected.

    :param part: its name, such as ActionBase._templar.
    :param problem: the difference.
    """

    def __init__(self, part: str, problem: object) -> None:
        super().__init__(f"{part}: {problem}")


@contextlib.contextmanager
def relying_on(part: str) -> Iterator[None]:
    """Convert exceptions of a part of Ansible into InternalsChanged.

    Ansible's own errors pass: they are about the user's playbook, and the documented way reports them as well.

    :raises InternalsChanged: with the name of the part.
    """
    try:
        yield
    except (AnsibleError, InternalsChanged):
        raise
    except Exception as error:
        # Its text could contain values of the user.
        raise InternalsChanged(part, type(error).__name__) from error


def expect(value: object, kind: type | tuple[type, ...], part: str) -> None:
    """Check the type of what a part of Ansible returned.

    :raises InternalsChanged: if it has another type.
    """
    if not isinstance(value, kind):
        raise InternalsChanged(part, f"it is {type(value).__name__} here")

# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the files that contain credentials; errors contain the path, never the content."""

from __future__ import annotations

import errno
import os
import re
import stat

from ansible_collections.golden.azure.plugins.module_utils._core.errors import SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._local.paths import absolute_path

#: Codes of errors with such a file.
FILE_MISSING = "file_missing"
FILE_IS_A_FOLDER = "file_is_a_folder"
FILE_UNREADABLE = "file_unreadable"
FILE_CONTENT_WRONG = "file_content_wrong"

#: Maximum size in bytes; the largest of these files, a bundle of certificate authorities, has a quarter of it.
_MAX_SIZE = 1 << 20


#: Paths of open files of a process, which refer to different files in other processes.
_PROCESS_FILE = re.compile(r"/dev/(fd/|std(in|out|err)$)|/proc/[^/]+/fd/")
_REGULAR_FILE_ADVICE = "write its content to a file that only you can read, and set the option to that path"


class FileUnusable(SignInFailed):
    """A file with credentials cannot be used.

    :param what: the kind of the file, such as "certificate".
    :param setting: the option or variable with its path, such as "'x509_certificate_path'"; empty for default paths.
    """

    def __init__(self, what: str, path: str, setting: str, code: str, problem: str, advice: str = "") -> None:
        named = f", set by {setting}," if setting else ""
        super().__init__(
            f"The {what} '{absolute_path(path)}'{named} {problem}{'; ' + advice if advice else ''}.", code=code
        )


def read_file(what: str, path: str, setting: str = "", advice: str = "") -> bytes:
    """Read a file.

    :param what: the kind of the file, for messages, such as "certificate".
    :param setting: the option or variable with its path.
    :param advice: the remedy.
    :raises FileUnusable: if it does not exist, is a directory, cannot be read, or is too large.
    """
    try:
        # Opening a pipe without a writer would block.
        descriptor = os.open(absolute_path(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise not_regular_file(what, path, setting)
            content = file.read(_MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        raise unusable(what, path, setting, error, advice) from None
    if len(content) > _MAX_SIZE:
        raise FileUnusable(what, path, setting, FILE_CONTENT_WRONG, f"is larger than {_MAX_SIZE} bytes", advice)
    return content


def not_regular_file(what: str, path: str, setting: str) -> FileUnusable:
    """The failure for a pipe, such as a shell creates for "<(...)", and similar files: they can be read only once, and a task reads
    them more than once, or in several processes.
    """
    return FileUnusable(what, path, setting, FILE_UNREADABLE, "is not a regular file", _REGULAR_FILE_ADVICE)


def unusable(what: str, path: str, setting: str, error: Exception, advice: str = "") -> FileUnusable:
    """The failure for a file that could not be read.

    :param error: of the operating system; ValueError for an invalid path.
    """
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        if _PROCESS_FILE.match(absolute_path(path)):
            return FileUnusable(what, path, setting, FILE_MISSING, "belongs to another process", _REGULAR_FILE_ADVICE)
        return FileUnusable(what, path, setting, FILE_MISSING, "is missing", advice)
    if isinstance(error, IsADirectoryError):
        return FileUnusable(what, path, setting, FILE_IS_A_FOLDER, "is a directory", advice)
    number = error.errno if isinstance(error, OSError) and error.errno else errno.EINVAL
    return FileUnusable(what, path, setting, FILE_UNREADABLE, f"cannot be read ({os.strerror(number)})", advice)


def read_text(what: str, path: str, setting: str = "", advice: str = "", may_be_empty: bool = False) -> str:
    """Read a file of text.

    :raises FileUnusable: as :func:`read_file` does, and if it is empty or not UTF-8.
    """
    content = read_file(what, path, setting, advice)
    try:
        # Editors on Windows write a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnusable(what, path, setting, FILE_CONTENT_WRONG, "is not text in UTF-8", advice) from None
    if not (may_be_empty or text.strip()):
        raise FileUnusable(what, path, setting, FILE_CONTENT_WRONG, "is empty", advice)
    return text

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users to remove, and everything that belongs to them on the guest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import Account, accounts, groups, initial_accounts, own_groups
from deprovision_agent import lock_password
from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest
from deprovision_paths import is_directory
from deprovision_ssh_keys import key_files
from deprovision_sudoers import PROVISIONING_RULES, remove_sudo_users, rule_users, sudoers_files

OVF_ENVIRONMENT = "/var/lib/waagent/ovf-env.xml"
ACCOUNT_FILES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid")
#: Hashes of former passwords. Source: pam_pwhistory(8).
FORMER_PASSWORDS = ("/etc/security/opasswd",)

#: Directories that contain a file or a directory with the name of each user.
SPOOLS = (
    "/var/mail/",
    "/var/spool/mail/",
    "/var/spool/cron/",
    "/var/spool/cron/crontabs/",
    "/var/spool/cron/tabs/",
    "/var/lib/systemd/linger/",
    "/var/lib/AccountsService/users/",
    "/var/lib/AccountsService/icons/",
    "/var/lib/sudo/lectured/",
    "/var/db/sudo/lectured/",
)
#: Directories that contain the jobs of at, each owned by its user.
AT_JOBS = ("/var/spool/cron/atjobs/*", "/var/spool/at/*", "/var/spool/atjobs/*")

#: Directories that are never removed as a home directory, in addition to those directly below /.
SHARED_DIRECTORIES = (
    *(
        "/usr/bin",
        "/usr/lib",
        "/usr/local",
        "/usr/sbin",
        "/usr/share",
        "/var/cache",
        "/var/home",
        "/var/lib",
        "/var/log",
    ),
    *("/var/mail", "/var/opt", "/var/spool", "/var/spool/mail", "/var/tmp", "/var/www", "/etc/ssh", "/etc/systemd"),  # noqa: S108
)


def agent_user(guest: Guest) -> str:
    """Return the user in the agent's copy of the provisioning data, whom the agent removes; an empty string if there is none."""
    named = re.search(r"<(?:\w+:)?UserName>\s*([^<\s]+)\s*<", guest.read(OVF_ENVIRONMENT))
    return named.group(1) if named else ""


def provisioned_users(guest: Guest) -> tuple[list[str], str]:
    """Return the users that Azure provisioned, and the source of this information.

    The sources are the agent's copy of the provisioning data, which can be older than the last provisioning of the machine, and the sudo
    rules of the users that cloud-init, azure-init and the agent created. If there are none, it is the user of the connection, unless this
    is a system account.
    """
    known = accounts(guest)
    found: list[str] = []
    sources: list[str] = []
    if agent_user(guest):
        found.append(agent_user(guest))
        sources.append(OVF_ENVIRONMENT)
    for path in PROVISIONING_RULES:
        users = [name for name in rule_users(guest.read(path)) if name in known and known[name].number != 0]
        if users:
            found += [name for name in sorted(set(users)) if name not in found]
            sources.append(path)
    login = connection_user(guest)
    if not found and login in known and not is_system_account(guest, login):
        return _without_kept_users(guest, [login]), "the user of the connection"
    return _without_kept_users(guest, found), " and ".join(sources) or "nowhere"


def _without_kept_users(guest: Guest, names: list[str]) -> list[str]:
    return [name for name in names if name not in [*guest.config["keep_users"], *guest.config["built_in_users"]]]


def connection_user(guest: Guest) -> str:
    """Return the user of the connection."""
    return os.environ.get("SUDO_USER") or guest.config["login_user"]


def is_system_account(guest: Guest, name: str) -> bool:
    """Return whether an account is a system account, by its id, shell and home directory.

    Accounts of people can have ids of system accounts: `core` of Flatcar, and those that `useradd --system` created.
    """
    account = initial_accounts(guest)[name]
    is_personal = account.has_shell() and account.home.startswith("/home/")
    return account.number == 0 or (account.number < guest.first_user_id and not is_personal)


def users_to_remove(guest: Guest) -> tuple[list[str], str]:
    """Return the provisioned users and those of the option, and the source of the provisioned ones."""
    provisioned, users_source = provisioned_users(guest)
    return provisioned + [name for name in guest.config["users"] if name not in provisioned], users_source


def built_in_user_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield passwords and provisioned sudo rules of accounts that belong to the distribution."""
    for name in guest.config["built_in_users"]:
        account = accounts(guest).get(name)
        if account is not None and account.has_password():
            yield CleanupItem(
                f"password of {name}",
                [f"/etc/shadow ({name})"],
                lambda name=name: lock_password(guest, name),
                critical=True,
            )
        changed = remove_sudo_users(
            {path: guest.read(path) for path in PROVISIONING_RULES if guest.exists(path)}, {name}
        )
        for path, kept in changed.items():
            yield CleanupItem(
                f"sudo rule of {name}",
                [f"{path} ({name})"],
                lambda path=path, kept=kept: replace_rules(guest, path, kept),
                critical=True,
            )


def home_is_exclusive(guest: Guest, name: str) -> bool:
    """Return whether the home directory of a user can be removed: no other account and no part of the system uses it."""
    known = initial_accounts(guest)
    home = known[name].home if name in known else "/home/" + name
    if name in known and not known[name].has_home():
        return True
    others = [account.home for other, account in known.items() if other != name and account.has_home()]
    shared = any(other == home or other.startswith(home + "/") for other in others)
    return home.count("/") >= 2 and home not in SHARED_DIRECTORIES and not shared


def home_paths(guest: Guest, name: str) -> list[str]:
    """Return the home directory of a user if it exists. If it is a link, its target is included if the user owns it."""
    known = initial_accounts(guest)
    account = known.get(name)
    if account is not None and not account.has_home():
        return []
    home = account.home if account else "/home/" + name
    directory = guest.resolve(os.path.dirname(home))
    place = f"{directory.rstrip('/')}/{os.path.basename(home)}"
    if not directory or not guest.exists(place) or guest.mounts().is_off_os_disk(place):
        return []
    target = guest.resolve(place)
    if (
        target == place
        or not target
        or not is_directory(guest.local_path(target))
        or guest.mounts().is_off_os_disk(target)
    ):
        return [place]
    belongs = account is not None and os.stat(guest.local_path(target)).st_uid == account.number
    return [place, target] if belongs and target.count("/") >= 2 and target not in SHARED_DIRECTORIES else [place]


def at_jobs(guest: Guest, account: Account | None) -> list[str]:
    """Return the jobs of at that a user owns."""
    found = [path for pattern in AT_JOBS for path in guest.find(pattern)] if account and account.number else []
    return [
        path
        for path in found
        if os.path.isfile(guest.local_path(path)) and os.lstat(guest.local_path(path)).st_uid == account.number
    ]


def user_paths(guest: Guest, name: str) -> list[str]:
    """Return everything on the guest that belongs to a user."""
    found = []
    for path in (*ACCOUNT_FILES, *FORMER_PASSWORDS):
        text = guest.read(path)
        member = rf"^[^:]*:[^:]*:[^:]*:(?:.*,)?{re.escape(name)}(?:,|$)"
        if re.search(rf"^{re.escape(name)}:", text, re.MULTILINE) or (
            path.endswith(("group", "gshadow")) and re.search(member, text, re.MULTILINE)
        ):
            found.append(f"{path} (entry)")
    homes = home_paths(guest, name)
    found += homes
    spools = [guest.resolve(spool) + "/" + name for spool in SPOOLS if guest.resolve(spool)]
    found += [path for path in dict.fromkeys(spools) if guest.exists(path)]
    found += key_files(guest, name, homes[0] if homes else "")
    found += at_jobs(guest, initial_accounts(guest).get(name))
    found += [path + " (rule)" for path in sorted(sudoers_without_user(guest, name))]
    return found


def sudoers_without_user(guest: Guest, name: str) -> dict[str, str]:
    """Return the new contents of the sudoers files that contain a user, or the group that is removed with the user."""
    known = initial_accounts(guest)
    own = own_groups(guest, name) or ([name] if name not in groups(guest) else [])
    names = {name, *("%" + group for group in own)}
    if name in known:
        names.add(f"#{known[name].number}")
    return remove_sudo_users({path: guest.read(path) for path in sudoers_files(guest)}, names)


def remove_user(guest: Guest, name: str) -> None:
    """Remove a user with home directory, spools, group and sudo rules. A failure does not prevent the removal of the rest.

    Raises:
        OSError: the first failure.
    """
    # Before the account is removed, because its id and home directory are required to find them.
    paths = [path for path in user_paths(guest, name) if not path.endswith(")")]
    rules, own = sudoers_without_user(guest, name), own_groups(guest, name)
    if name in accounts(guest):
        # --force: the session of this run can belong to the user. The home directory is removed below, without its mount points.
        guest.command(["userdel", "--force", name])
    first_error = None
    try:
        guest.delete_all(paths)
    except OSError as error:
        first_error = error
    # userdel does not remove the group if it was changed.
    if own and name in groups(guest) and name not in accounts(guest):
        guest.command(["groupdel", name])
    for path, kept in rules.items():
        replace_rules(guest, path, kept)
    for path in FORMER_PASSWORDS:
        lines = guest.read(path).split("\n")
        kept_lines = [line for line in lines if not line.startswith(name + ":")]
        if kept_lines != lines:
            guest.replace(path, "\n".join(kept_lines))
    if first_error is not None:
        raise first_error


def replace_rules(guest: Guest, path: str, kept: str) -> None:
    """Write a sudoers file, or remove it if it would be empty."""
    if kept or path == "/etc/sudoers":
        guest.replace(path, kept)
    else:
        guest.delete(path)


def orphaned_rule_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield sudo rules of provisioned users that no longer exist: another user with the same name would get their rights.

    The agent removes the user, but not the rule of cloud-init. Other files are not changed, because their users can be defined by a
    directory service.
    """
    known = accounts(guest)
    for path in PROVISIONING_RULES:
        text = guest.read(path)
        names = {
            name
            for name in rule_users(text)
            if name not in known and re.match(r"[A-Za-z_]", name) and not name.isupper()
        }
        changed = remove_sudo_users({path: text}, names) if names else {}
        if changed:
            yield CleanupItem(
                "sudo rule of a removed user",
                [f"{path} ({', '.join(sorted(names))})"],
                lambda path=path, kept=changed[path]: replace_rules(guest, path, kept),
                critical=True,
            )

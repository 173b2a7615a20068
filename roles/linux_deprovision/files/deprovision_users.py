# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which users go with the identity of the guest, and everything they have in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import Account, accounts, accounts_before, groups, own_groups
from deprovision_agent import lock
from deprovision_guest import Guest
from deprovision_keys import key_files
from deprovision_leftover import Leftover
from deprovision_paths import is_folder
from deprovision_sudoers import PROVISIONERS, rewritten, rule_users, sudoers_files

OVF_ENVIRONMENT = "/var/lib/waagent/ovf-env.xml"
ACCOUNT_FILES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid")
#: Hashes of former passwords. Source: pam_pwhistory(8).
FORMER_PASSWORDS = ("/etc/security/opasswd",)

#: Folders with a file or a folder by the name of each user.
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
#: Folders with jobs of at, which belong to their users.
AT_JOBS = ("/var/spool/cron/atjobs/*", "/var/spool/at/*", "/var/spool/atjobs/*")

#: Never a home that is removed: everything below / itself, and these.
SHARED_FOLDERS = (
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


def user_of_agent(guest: Guest) -> str:
    """Return the user in the agent's copy of the provisioning data, whom its own deprovisioning removes; empty without one."""
    named = re.search(r"<(?:\w+:)?UserName>\s*([^<\s]+)\s*<", guest.read(OVF_ENVIRONMENT))
    return named.group(1) if named else ""


def provisioned_users(guest: Guest) -> tuple[list[str], str]:
    """Return the users Azure provisioned and where that is known from.

    All of these count: the agent's copy of the provisioning data, which can be older than the machine's last provisioning, and the
    rules that cloud-init, azure-init and the agent gave to the users they made. Without them it is the user Ansible logged in as,
    unless it belongs to the system.
    """
    known = accounts(guest)
    found: list[str] = []
    sources: list[str] = []
    if user_of_agent(guest):
        found.append(user_of_agent(guest))
        sources.append(OVF_ENVIRONMENT)
    for path in PROVISIONERS:
        made = [name for name in rule_users(guest.read(path)) if name in known and known[name].number != 0]
        if made:
            found += [name for name in sorted(set(made)) if name not in found]
            sources.append(path)
    login = login_of_run(guest)
    if not found and login in known and not is_of_system(guest, login):
        return _not_kept(guest, [login]), "the login of this run"
    return _not_kept(guest, found), " and ".join(sources) or "nowhere"


def _not_kept(guest: Guest, names: list[str]) -> list[str]:
    return [name for name in names if name not in [*guest.config["keep_users"], *guest.config["built_in_users"]]]


def login_of_run(guest: Guest) -> str:
    """Return the user by whom this run logged in."""
    return os.environ.get("SUDO_USER") or guest.config["login_user"]


def is_of_system(guest: Guest, name: str) -> bool:
    """Say whether an account belongs to the system: its id is one of the system's, and nobody lives there.

    Accounts of people can have such ids: `core` of Flatcar, and what `useradd --system` made.
    """
    account = accounts_before(guest)[name]
    lives = account.has_shell() and account.home.startswith("/home/")
    return account.number == 0 or (account.number < guest.first_user_id and not lives)


def users_to_remove(guest: Guest) -> tuple[list[str], str]:
    """Return the provisioned users and those the role names, and where the provisioned ones are known from."""
    provisioned, known_from = provisioned_users(guest)
    return provisioned + [name for name in guest.config["users"] if name not in provisioned], known_from


def built_in_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield what accounts of the distribution itself have of this machine: a password, and sudo rules that were made for them."""
    for name in guest.config["built_in_users"]:
        account = accounts(guest).get(name)
        if account is not None and account.has_password():
            yield Leftover(
                f"password of {name}", [f"/etc/shadow ({name})"], lambda name=name: lock(guest, name), critical=True
            )
        changed = rewritten({path: guest.read(path) for path in PROVISIONERS if guest.exists(path)}, {name})
        for path, kept in changed.items():
            yield Leftover(
                f"sudo rule of {name}",
                [f"{path} ({name})"],
                lambda path=path, kept=kept: replace_rules(guest, path, kept),
                critical=True,
            )


def home_is_its_own(guest: Guest, name: str) -> bool:
    """Say whether the home of a user can be removed: it is nobody else's, and no folder of the system."""
    known = accounts_before(guest)
    home = known[name].home if name in known else "/home/" + name
    if name in known and not known[name].has_home():
        return True
    others = [account.home for other, account in known.items() if other != name and account.has_home()]
    shared = any(other == home or other.startswith(home + "/") for other in others)
    return home.count("/") >= 2 and home not in SHARED_FOLDERS and not shared


def home_paths(guest: Guest, name: str) -> list[str]:
    """Return the home of a user, if it is there: of a link what it leads to, too, if that belongs to the user and lies on the OS disk."""
    known = accounts_before(guest)
    account = known.get(name)
    if account is not None and not account.has_home():
        return []
    home = account.home if account else "/home/" + name
    folder = guest.resolve(os.path.dirname(home))
    place = f"{folder.rstrip('/')}/{os.path.basename(home)}"
    if not folder or not guest.exists(place) or guest.mounts().leads_away(place):
        return []
    target = guest.resolve(place)
    if target == place or not target or not is_folder(guest.at(target)) or guest.mounts().leads_away(target):
        return [place]
    belongs = account is not None and os.stat(guest.at(target)).st_uid == account.number
    return [place, target] if belongs and target.count("/") >= 2 and target not in SHARED_FOLDERS else [place]


def at_jobs(guest: Guest, account: Account | None) -> list[str]:
    """Return the jobs of at that belong to a user."""
    found = [path for pattern in AT_JOBS for path in guest.find(pattern)] if account and account.number else []
    return [
        path for path in found if os.path.isfile(guest.at(path)) and os.lstat(guest.at(path)).st_uid == account.number
    ]


def user_paths(guest: Guest, name: str) -> list[str]:
    """Return everything of a user that is still there."""
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
    found += at_jobs(guest, accounts_before(guest).get(name))
    found += [path + " (rule)" for path in sorted(rules_without(guest, name))]
    return found


def rules_without(guest: Guest, name: str) -> dict[str, str]:
    """Return the files of sudo that name a user, or the group that goes with the user, as they are without."""
    known = accounts_before(guest)
    own = own_groups(guest, name) or ([name] if name not in groups(guest) else [])
    names = {name, *("%" + group for group in own)}
    if name in known:
        names.add(f"#{known[name].number}")
    return rewritten({path: guest.read(path) for path in sudoers_files(guest)}, names)


def remove_user(guest: Guest, name: str) -> None:
    """Remove a user with home, spools, group and sudo rules; one thing that cannot go does not keep the others.

    Raises:
        OSError: the first reason why something could not go.
    """
    # Before the account is gone, by whose id and home they are found.
    paths = [path for path in user_paths(guest, name) if not path.endswith(")")]
    rules, own = rules_without(guest, name), own_groups(guest, name)
    if name in accounts(guest):
        # --force: the very session which runs this belongs to the user. The home goes below, where what is mounted in it stays.
        guest.command(["userdel", "--force", name])
    trouble = None
    try:
        guest.delete_all(paths)
    except OSError as error:
        trouble = error
    # Left behind where the group had been changed.
    if own and name in groups(guest) and name not in accounts(guest):
        guest.command(["groupdel", name])
    for path, kept in rules.items():
        replace_rules(guest, path, kept)
    for path in FORMER_PASSWORDS:
        lines = guest.read(path).split("\n")
        kept_lines = [line for line in lines if not line.startswith(name + ":")]
        if kept_lines != lines:
            guest.replace(path, "\n".join(kept_lines))
    if trouble is not None:
        raise trouble


def replace_rules(guest: Guest, path: str, kept: str) -> None:
    """Write a file of sudo; one in which nothing is left is deleted."""
    if kept or path == "/etc/sudoers":
        guest.replace(path, kept)
    else:
        guest.delete(path)


def orphaned_rule_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the rules that were made for users who are not there any more: the next user of that name would have them.

    The agent's own deprovisioning removes the user and leaves the rule of cloud-init. Other files are left alone: the users in
    them can be known to a directory service.
    """
    known = accounts(guest)
    for path in PROVISIONERS:
        text = guest.read(path)
        names = {
            name
            for name in rule_users(text)
            if name not in known and re.match(r"[A-Za-z_]", name) and not name.isupper()
        }
        changed = rewritten({path: text}, names) if names else {}
        if changed:
            yield Leftover(
                "sudo rule of a user who is gone",
                [f"{path} ({', '.join(sorted(names))})"],
                lambda path=path, kept=changed[path]: replace_rules(guest, path, kept),
                critical=True,
            )

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest full of identities: packages of Debian 12, and what each is told so that it makes its identity without a network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Packaged:
    """An identity of the table.

    :param packages: packages of Debian; none where a user writes the file.
    :param script: what makes it; nothing where the installation or the start of the machine does.
    """

    packages: tuple[str, ...] = ()
    script: str = ""


def wait_for(path: str) -> str:
    """Return shell text that waits for a file with something in it, half a minute at most."""
    return f"for second in $(seq 150); do [ -s {path} ] && break; sleep 0.2; done; test -s {path}"


def by_hand(path: str, text: str = "secret") -> Packaged:
    """Return an identity that no program writes without a network."""
    return Packaged((), f"install -D -m 0600 /dev/null {path}; echo '{text}' >{path}")


#: Those that are removed with linux_deprovision_known_agents.
REQUESTED = {
    "iscsi_initiator_debian": Packaged(("open-iscsi",), "/usr/lib/open-iscsi/startup-checks.sh"),
    "nvme_host": Packaged(("nvme-cli",)),
    "multipath": Packaged(("multipath-tools",), "systemctl restart multipathd; multipath -W; multipath -v2"),
    "glusterd": Packaged(
        ("glusterfs-server",),
        f"systemctl start glusterd; gluster system:: uuid get; {wait_for('/var/lib/glusterd/glusterd.info')}",
    ),
    "cockpit": Packaged(("cockpit-ws",), "/usr/lib/cockpit/cockpit-certificate-ensure"),
    "cups": Packaged(
        ("cups-daemon",),
        "systemctl start cups; openssl s_client -connect 127.0.0.1:631 </dev/null; ls /etc/cups/ssl/*.key",
    ),
    "pcsd": Packaged(("pcs",), f"systemctl start pcsd; {wait_for('/var/lib/pcsd/pcsd.key')}"),
    "fail2ban": Packaged(
        ("fail2ban", "python3-systemd"),
        f"touch /var/log/auth.log; systemctl restart fail2ban; {wait_for('/var/lib/fail2ban/fail2ban.sqlite3')}",
    ),
    "netdata": Packaged(("netdata-core",), wait_for("/var/lib/netdata/registry/netdata.public.unique.id")),
    "monit": Packaged(("monit",), wait_for("/var/lib/monit/id")),
    "snmpd": Packaged(("snmpd",), wait_for("/var/lib/snmp/snmpd.conf")),
    "popularity_contest": Packaged(("popularity-contest",)),
    "keytab": Packaged(
        ("krb5-kdc", "krb5-user", "krb5-admin-server"),
        r"""printf '[libdefaults]\n default_realm = EXAMPLE.ORG\n' >/etc/krb5.conf
printf 'pw\npw\n' | kdb5_util create -s -r EXAMPLE.ORG
kadmin.local -q 'addprinc -randkey host/web.example.org'
kadmin.local -q 'ktadd host/web.example.org'""",
    ),
    "sssd": Packaged(
        ("sssd-common",),
        r"""printf '[sssd]\nservices = nss\nenable_files_domain = true\n' >/etc/sssd/sssd.conf
chmod 600 /etc/sssd/sssd.conf; systemctl restart sssd"""
        f"\n{wait_for('/var/lib/sss/db/config.ldb')}",
    ),
    "samba": Packaged(("samba",), wait_for("/var/lib/samba/private/secrets.tdb")),
    "containerd": Packaged(("containerd",), "systemctl restart containerd; ctr version"),
    "erlang_cookie": Packaged(("rabbitmq-server",), wait_for("/var/lib/rabbitmq/.erlang.cookie")),
    "etckeeper": Packaged(
        ("etckeeper", "git"),
        "etckeeper init; git config --global user.email root@example.org; cd /etc; etckeeper commit first",
    ),
    "dropbear": Packaged(
        ("dropbear-bin",),
        "mkdir -p /etc/dropbear; [ -e /etc/dropbear/dropbear_rsa_host_key ] || "
        "dropbearkey -t rsa -f /etc/dropbear/dropbear_rsa_host_key",
    ),
    # What the installation on the machine itself writes; a root that is built has the name of the machine on which it was built.
    "mailname": Packaged(
        ("exim4-daemon-light",),
        """hostname >/etc/mailname; sed -i "s/^dc_other_hostnames=.*/dc_other_hostnames='$(hostname)'/" """
        "/etc/exim4/update-exim4.conf.conf",
    ),
    "gnupg": Packaged(
        ("gnupg",), "gpg --batch --passphrase '' --quick-gen-key golden@example.org default default never"
    ),
    "git_credentials": Packaged(
        ("git",), r"printf 'protocol=https\nhost=example.org\nusername=u\npassword=p\n\n' | git credential-store store"
    ),
    "s3cmd": Packaged(("rclone",), "rclone config create store s3 secret_access_key secret"),
    "vnc": Packaged(("tigervnc-tools",), "mkdir -p /root/.vnc; echo secret1 | tigervncpasswd -f >/root/.vnc/passwd"),
    "aws_cli": Packaged(("awscli",), "aws configure set aws_secret_access_key secret"),
    "pip": Packaged(("python3-pip",), "pip config set global.index-url https://user:secret@example.org/simple"),
    "netrc": by_hand("/root/.netrc"),
    "postgres_password": by_hand("/root/.pgpass"),
    "mysql_password": by_hand("/root/.my.cnf"),
    "docker_login": by_hand("/root/.docker/config.json"),
}

#: Those that are never removed.
WARNED = {
    "snakeoil": Packaged(("ssl-cert",)),
    "tang": Packaged(("tang",), "/usr/libexec/tangd-keygen /var/lib/tang"),
    "rndc": Packaged(("bind9",)),
    "unbound_control": Packaged(("unbound",), "unbound-control-setup"),
    "opendkim": Packaged(
        ("opendkim-tools",), "mkdir -p /etc/dkimkeys; opendkim-genkey -D /etc/dkimkeys -d example.org -s mail"
    ),
    "kdc": Packaged(("krb5-kdc",)),
    "rabbitmq_node": Packaged(("rabbitmq-server",), wait_for("/var/lib/rabbitmq/mnesia/rabbit@*-feature_flags")),
    "tor": Packaged(
        ("tor",),
        r"""printf 'HiddenServiceDir /var/lib/tor/web\nHiddenServicePort 80 127.0.0.1:80\n' >>/etc/tor/torrc
systemctl restart tor@default"""
        f"\n{wait_for('/var/lib/tor/web/hs_ed25519_secret_key')}",
    ),
    "dropbear_initramfs": Packaged(("dropbear-initramfs",)),
    "exim": Packaged(("exim4-daemon-light",)),
    "wireguard": Packaged(
        ("wireguard-tools",),
        '(umask 077; echo "[Interface]"; echo "PrivateKey = $(wg genkey)") >/etc/wireguard/wg0.conf',
    ),
    "openvpn": Packaged(("openvpn",), "openvpn --genkey secret /etc/openvpn/server/ta.key"),
    "etcd": Packaged(("etcd-server",), f"systemctl restart etcd; {wait_for('/var/lib/etcd/default/member/snap/db')}"),
    "cfengine": Packaged(("cfengine3",), f"cf-key; {wait_for('/var/lib/cfengine3/ppkeys/localhost.priv')}"),
}

PACKAGES = sorted({package for packaged in [*REQUESTED.values(), *WARNED.values()] for package in packaged.packages})


def script() -> str:
    """Return what has all of them made in a guest; it goes on where one fails, as the test looks at what is there."""
    lines = ["export HOME=/root DEBIAN_FRONTEND=noninteractive", "exec >/dev/null"]
    for name, packaged in {**REQUESTED, **WARNED}.items():
        if packaged.script:
            lines.append(f"(\n{packaged.script}\n) || echo 'FAILED {name}' >&2")
    return "\n".join(lines) + "\nexit 0\n"

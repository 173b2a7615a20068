# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A responder for WS-Management on loopback, in front of stand-in guests: as much of it as winrm and psrp clients speak.

It is plain HTTP with basic authentication; each guest has a path of its own. Sources: MS-WSMV, MS-PSRP.
"""

from __future__ import annotations

import base64
import http.server
import threading
import time
import uuid
from http import HTTPStatus
from typing import Protocol
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from .guest import Guest, Guests
from .outcome import ConnectionLost, NothingYet
from .psrp import Runspaces
from .winrs import CommandShell

USER, PASSWORD = "azureuser", "not-a-secret"
NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
}
#: Codes of faults that clients act upon: nothing has come yet (ask again); there is no such shell.
_TIMED_OUT = 2150858793
_NO_SHELL = 2150858843
#: Seconds that a Receive is held at most while there is nothing to tell.
_HELD = 20.0


class Shell(Protocol):
    """What a client has opened: a command shell or a pool of runspaces."""

    def opened(self, body: ElementTree.Element) -> None:
        """Take what came with the request to open it."""

    def command(self, command: ElementTree.Element) -> str:
        """Begin a command.

        :returns: its id.
        """

    def send(self, stream: ElementTree.Element) -> None:
        """Take input for a command, or for the shell."""

    def receive(self, command_id: str | None) -> tuple[dict[str, bytes], int | None]:
        """Give output by stream, and the exit code of a command that has ended.

        :raises NothingYet: when there is none so far.
        :raises ConnectionLost: when the connection is lost instead.
        """


class Responder:
    """Listens on loopback, in threads, until it is closed."""

    def __init__(self, guests: Guests) -> None:
        self._server = _Listener(("127.0.0.1", 0), _Requests)
        self._server.guests = guests
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    guests: Guests

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.shells: dict[str, Shell] = {}


class _Requests(http.server.BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one message."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            self._reply(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": 'Basic realm="WSMAN"'})
            return
        guest = self.server.guests.guest(self.path.strip("/"))
        message = fromstring(content)
        # A guest takes some seconds to shut down: enough for what ends a command or a shell.
        ends = _action(message) in ("Signal", "Delete")
        if not guest.exists() or not (ends or guest.read()["running"]):
            self.close_connection = True
            return
        self._handle(guest, message)

    def _handle(self, guest: Guest, message: ElementTree.Element) -> None:
        action = _action(message)
        try:
            body = self._act(guest, action, message)
        except ConnectionLost:
            self.close_connection = True
            return
        except NothingYet:
            self._fault(message, _TIMED_OUT, "The operation timed out.")
            return
        except KeyError as missing:
            self._fault(message, _NO_SHELL, f"The shell {missing} is not there.")
            return
        self._reply(HTTPStatus.OK, _envelope(message, f"{action}Response", body), _XML)

    def _act(self, guest: Guest, action: str, message: ElementTree.Element) -> str:
        body = message.find("s:Body", NAMESPACES)
        shell_id = _text(message, "s:Header/w:SelectorSet/w:Selector")
        if action == "Create":
            return self._create(guest, message, body)
        shell = self.server.shells[shell_id]
        if action == "Command":
            command_id = shell.command(body.find("rsp:CommandLine", NAMESPACES))
            return f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"
        if action == "Send":
            for stream in body.findall("rsp:Send/rsp:Stream", NAMESPACES):
                shell.send(stream)
            return "<rsp:SendResponse/>"
        if action == "Receive":
            return _received(shell, body.find("rsp:Receive/rsp:DesiredStream", NAMESPACES).get("CommandId"))
        if action == "Delete":
            del self.server.shells[shell_id]
        return "<rsp:SignalResponse/>" if action == "Signal" else ""

    def _create(self, guest: Guest, message: ElementTree.Element, body: ElementTree.Element) -> str:
        uri = _text(message, "s:Header/w:ResourceURI")
        shell: Shell = CommandShell(guest) if uri.endswith("/shell/cmd") else Runspaces(guest)
        shell.opened(body)
        asked = body.find("rsp:Shell", NAMESPACES).get("ShellId")
        shell_id = asked or str(uuid.uuid4()).upper()
        self.server.shells[shell_id] = shell
        seconds = _text(message, "s:Header/w:OperationTimeout").removeprefix("PT").removesuffix("S")
        guest.note(kind="connection", limit=float(seconds))
        selectors = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
        return (
            f"<x:ResourceCreated><a:Address>http://127.0.0.1/wsman</a:Address><a:ReferenceParameters><w:ResourceURI>{uri}"
            f"</w:ResourceURI>{selectors}</a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{uri}</rsp:ResourceUri></rsp:Shell>"
        )

    def _fault(self, message: ElementTree.Element, code: int, reason: str) -> None:
        fault = (
            "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason><s:Detail><f:WSManFault '
            f'xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}" Machine="127.0.0.1"><f:Message>{reason}'
            "</f:Message></f:WSManFault></s:Detail></s:Fault>"
        )
        self._reply(HTTPStatus.INTERNAL_SERVER_ERROR, _envelope(message, "fault", fault), _XML)

    def _reply(self, status: HTTPStatus, content: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            # Ansible's time-out has ended the client.
            self.close_connection = True


_XML = {"Content-Type": "application/soap+xml;charset=UTF-8"}


def _received(shell: Shell, command_id: str | None) -> str:
    end = time.monotonic() + _HELD
    while True:
        try:
            streams, code = shell.receive(command_id)
            break
        except NothingYet:
            if time.monotonic() >= end:
                raise
            time.sleep(0.2)
    attribute = f' CommandId="{command_id}"' if command_id else ""
    parts = [
        f'<rsp:Stream Name="{name}"{attribute}>{base64.b64encode(content).decode()}</rsp:Stream>'
        for name, content in streams.items()
        if content
    ]
    if code is not None:
        state = f"{NAMESPACES['rsp']}/CommandState/Done"
        parts.append(
            f'<rsp:CommandState{attribute} State="{state}"><rsp:ExitCode>{code}</rsp:ExitCode></rsp:CommandState>'
        )
    return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"


def _envelope(message: ElementTree.Element, action: str, body: str) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    related = _text(message, "s:Header/a:MessageID")
    header = f"<a:Action>{action}</a:Action><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{related}</a:RelatesTo>"
    return f"<s:Envelope {spaces}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


def _action(message: ElementTree.Element) -> str:
    return _text(message, "s:Header/a:Action").rpartition("/")[2]


def _text(message: ElementTree.Element, path: str) -> str:
    return message.findtext(path, "", NAMESPACES)

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool of runspaces behind WS-Management, as Ansible's psrp connection uses it: MS-PSRP with the messages of pypsrp."""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.messages import (
    ApplicationPrivateData,
    MessageType,
    PipelineState,
    RunspacePoolStateMessage,
    SessionCapability,
)
from pypsrp.powershell import Fragment, Fragmenter
from pypsrp.serializer import Serializer

from . import powershell
from .guest import Guest
from .outcome import ConnectionLost, NothingYet

_SHELL = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}"
_CREATION = "{http://schemas.microsoft.com/powershell}creationXml"
_TEXT = "{http://schemas.microsoft.com/powershell/2004/04}S"
_VERSIONS = ("2.3", "2.0", "1.1.0.1")
_MESSAGE_HEADER = 40


class _Output(str):
    """Text as a pipeline's output, which is serialized as it is."""

    __slots__ = ()
    MESSAGE_TYPE = MessageType.PIPELINE_OUTPUT


@dataclass
class _Pipeline:
    script: str = ""
    lines: list[str] = field(default_factory=list)
    #: Whether it is known, and all of its input is there.
    ready: bool = False
    told: bool = False
    answer: powershell.Answer | None = None


class Runspaces:
    """One pool."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._serializer = Serializer()
        self._fragmenter = Fragmenter(32768, self._serializer)
        self._parts: dict[tuple[str | None, int], bytes] = {}
        self._pipelines: dict[str, _Pipeline] = {}
        self._waiting = b""
        self._id = str(uuid.uuid4())

    def opened(self, body: ElementTree.Element) -> None:
        """Greet: capabilities, private data, and that the pool is open."""
        creation = body.find(f"{_SHELL}Shell/{_CREATION}")
        for message in self._messages(None, base64.b64decode(creation.text or "")):
            self._id = str(uuid.UUID(bytes_le=message[8:24]))
        greeting = [
            SessionCapability(*_VERSIONS),
            ApplicationPrivateData({}),
            RunspacePoolStateMessage(state=RunspacePoolState.OPENED),
        ]
        self._waiting = b"".join(b"".join(self._fragmenter.fragment(message, self._id)) for message in greeting)

    def command(self, command: ElementTree.Element) -> str:
        """Create a pipeline, of which this is the first fragment."""
        pipeline_id = command.get("CommandId") or str(uuid.uuid4()).upper()
        self._pipelines[pipeline_id] = _Pipeline()
        for argument in command.findall(f"{_SHELL}Arguments"):
            self._take(pipeline_id, base64.b64decode(argument.text or ""))
        return pipeline_id

    def send(self, stream: ElementTree.Element) -> None:
        """Take further fragments: of the pipeline itself, and of its input."""
        self._take(stream.get("CommandId", ""), base64.b64decode(stream.text or ""))

    def receive(self, command_id: str | None) -> tuple[dict[str, bytes], int | None]:
        """Give what the pool, or the pipeline, has to tell."""
        if command_id is None:
            if not self._waiting:
                raise NothingYet
            waiting, self._waiting = self._waiting, b""
            return {"stdout": waiting}, None
        pipeline = self._pipelines[command_id]
        if not pipeline.ready or pipeline.told:
            raise NothingYet
        if pipeline.answer is None:
            pipeline.answer = powershell.run(pipeline.script, "\n".join(pipeline.lines).encode(), self._guest)
        if pipeline.answer.lost:
            raise ConnectionLost
        if pipeline.answer.silent:
            raise NothingYet
        pipeline.told = True
        return {"stdout": self._outcome(command_id, pipeline.answer)}, 0

    def _outcome(self, pipeline_id: str, answer: powershell.Answer) -> bytes:
        messages = [_Output(answer.stdout), PipelineState(state=PSInvocationState.COMPLETED)]
        fragments = [self._fragmenter.fragment(message, self._id, pipeline_id) for message in messages]
        return b"".join(b"".join(parts) for parts in fragments)

    def _take(self, pipeline_id: str, fragments: bytes) -> None:
        pipeline = self._pipelines[pipeline_id]
        for message in self._messages(pipeline_id, fragments):
            kind, text = struct.unpack("<I", message[4:8])[0], message[_MESSAGE_HEADER:].decode("utf-8-sig")
            if kind == MessageType.CREATE_PIPELINE:
                tree = fromstring(text)
                (script,) = [element for element in tree.iter(_tag(tree)) if element.get("N") == "Cmd"]
                pipeline.script = self._serializer.deserialize(script)
                (no_input,) = [element.text for element in tree.iter() if element.get("N") == "NoInput"]
                pipeline.ready = no_input == "true"
            elif kind == MessageType.PIPELINE_INPUT:
                pipeline.lines += _lines(self._serializer.deserialize(text))
            elif kind == MessageType.END_OF_PIPELINE_INPUT:
                pipeline.ready = True

    def _messages(self, pipeline_id: str | None, fragments: bytes) -> Iterator[bytes]:
        """Join fragments; those of a message may come in several requests."""
        while fragments:
            fragment, fragments = Fragment.unpack(fragments)
            key = (pipeline_id, fragment.object_id)
            joined = self._parts.pop(key, b"") + fragment.data
            if fragment.end:
                yield joined
            else:
                self._parts[key] = joined


def _tag(tree: ElementTree.Element) -> str:
    return _TEXT if tree.tag.startswith("{") else "S"


def _lines(given: Any) -> list[str]:
    return [str(line) for line in given] if isinstance(given, list) else [str(given)]

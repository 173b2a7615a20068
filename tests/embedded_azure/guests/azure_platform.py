# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure's platform tells a machine: the instance metadata service and the wireserver, for one guest in its network namespace.

cloud-init's datasource and the Azure agent ask both. A program of its own, without anything of the package:
`python3 -IS azure_platform.py FILE`, where the file is JSON: `metadata` is what the metadata service returns, and `requests` is a path to
which a line for each request is added. The shapes are those that cloud-init reads (cloudinit/sources/DataSourceAzure.py and
helpers/azure.py) and that the agent reads (azurelinuxagent/common/protocol).
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METADATA_SERVICE = "169.254.169.254"
WIRESERVER = "168.63.129.16"
PORT = 80

VERSIONS = """<?xml version="1.0" encoding="utf-8"?>
<Versions>
  <Preferred><Version>2015-04-05</Version></Preferred>
  <Supported><Version>2015-04-05</Version><Version>2012-11-30</Version></Supported>
</Versions>
"""
GOAL_STATE = """<?xml version="1.0" encoding="utf-8"?>
<GoalState>
  <Version>2012-11-30</Version>
  <Incarnation>1</Incarnation>
  <Machine><ExpectedState>Started</ExpectedState><StopRolesDeadlineHint>300000</StopRolesDeadlineHint></Machine>
  <Container>
    <ContainerId>{container}</ContainerId>
    <RoleInstanceList>
      <RoleInstance>
        <InstanceId>{instance}</InstanceId>
        <State>Started</State>
        <Configuration>
          <HostingEnvironmentConfig>http://{wireserver}/machine/?comp=config&amp;type=hostingEnvironmentConfig</HostingEnvironmentConfig>
          <SharedConfig>http://{wireserver}/machine/?comp=config&amp;type=sharedConfig</SharedConfig>
          <ExtensionsConfig>http://{wireserver}/machine/?comp=config&amp;type=extensionsConfig</ExtensionsConfig>
        </Configuration>
      </RoleInstance>
    </RoleInstanceList>
  </Container>
</GoalState>
"""
HOSTING_ENVIRONMENT = """<?xml version="1.0" encoding="utf-8"?>
<HostingEnvironmentConfig version="1.0.0.0">
  <Deployment name="{container}"><Service name="{name}"/><ServiceInstance name="{name}"/></Deployment>
  <Incarnation number="1" instance="{instance}"/>
  <Role name="{name}"/>
</HostingEnvironmentConfig>
"""
SHARED = """<?xml version="1.0" encoding="utf-8"?>
<SharedConfig version="1.0.0.0"><Deployment name="{container}"/><Incarnation number="1" instance="{instance}"/></SharedConfig>
"""
EXTENSIONS = """<?xml version="1.0" encoding="utf-8"?>
<Extensions version="1.0.0.0" goalStateIncarnation="1"><GAFamilies/><Plugins/><PluginSettings/></Extensions>
"""


class Platform(BaseHTTPRequestHandler):
    """Answers of both services; which of them is asked is known by the address."""

    protocol_version = "HTTP/1.1"
    state: dict = {}

    def do_GET(self):
        """What there is to know."""
        self._log()
        address = self.connection.getsockname()[0]
        if address == METADATA_SERVICE:
            self._metadata()
        else:
            self._wireserver()

    def do_POST(self):
        """Health and telemetry, which are taken."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self._log(body.decode(errors="replace"))
        self._answer(200, "")

    def do_PUT(self):
        """What the agent uploads."""
        self.do_POST()

    def _metadata(self):
        # https://learn.microsoft.com/en-us/azure/virtual-machines/instance-metadata-service
        if self.headers.get("Metadata", "").lower() != "true":
            self._answer(400, json.dumps({"error": "Bad request. Required metadata header not specified"}))
        elif self.path.startswith("/metadata/instance?"):
            self._answer(200, json.dumps(self.state["metadata"]), "application/json")
        else:
            self._answer(404, json.dumps({"error": "Not found"}))

    def _wireserver(self):
        query = self.path.partition("?")[2]
        values = {
            "container": self.state["container"],
            "instance": f"{self.state['container']}._{self.state['metadata']['compute']['name']}",
            "name": self.state["metadata"]["compute"]["name"],
            "wireserver": WIRESERVER,
        }
        for wanted, document in (
            ("comp=versions", VERSIONS),
            ("comp=goalstate", GOAL_STATE),
            ("type=hostingEnvironmentConfig", HOSTING_ENVIRONMENT),
            ("type=sharedConfig", SHARED),
            ("type=extensionsConfig", EXTENSIONS),
        ):
            if wanted in query.lower() or wanted in query:
                self._answer(200, document.format(**values), "text/xml; charset=utf-8")
                return
        self._answer(404, "")

    def _answer(self, status, text, kind="text/plain"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _log(self, body=""):
        line = {"to": self.connection.getsockname()[0], "method": self.command, "path": self.path, "body": body}
        with open(self.state["requests"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def log_message(self, format, *args):
        """Requests are logged in a file of their own."""


def main(path):
    """Serve both until the process is ended."""
    with open(path, encoding="utf-8") as file:
        Platform.state = json.load(file)
    servers = [ThreadingHTTPServer((address, PORT), Platform) for address in (METADATA_SERVICE, WIRESERVER)]
    threading.Thread(target=servers[0].serve_forever, daemon=True).start()
    servers[1].serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])

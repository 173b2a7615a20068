// Copyright (c) 2026 golden.azure contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Captures a machine and publishes the image, as any program would that uses the SDK. Each step done is a line.

import assert from "node:assert/strict";

import { ComputeManagementClient } from "@azure/arm-compute";
import { DefaultAzureCredential } from "@azure/identity";

const { SUBSCRIPTION: subscription, GROUP: group, LOCATION: location } = process.env;
const compute = new ComputeManagementClient(new DefaultAzureCredential(), subscription);
const ids = {};

async function step(name, action) {
  await action();
  console.log(`done: ${name}`);
}

await step("create a machine", async () => {
  const made = await compute.virtualMachines.createOrUpdate(group, "source", {
    location,
    hardwareProfile: { vmSize: "Standard_D2s_v5" },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    osProfile: {
      computerName: "source",
      adminUsername: "azureuser",
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: "/home/azureuser/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA" }] },
      },
    },
    networkProfile: {
      networkApiVersion: "2020-11-01",
      networkInterfaceConfigurations: [
        { name: "nic", primary: true, deleteOption: "Delete", ipConfigurations: [{ name: "ipconfig1" }] },
      ],
    },
  });
  assert.equal(made.provisioningState, "Succeeded");
  ids.machine = made.id;
});

await step("read its instance view", async () => {
  const view = await compute.virtualMachines.instanceView(group, "source");
  assert(view.statuses.some((status) => status.code === "PowerState/running"));
});

await step("deallocate", async () => {
  await compute.virtualMachines.deallocate(group, "source");
});

await step("generalize", async () => {
  await compute.virtualMachines.generalize(group, "source");
});

await step("create an image of it", async () => {
  for (const name of ["first", "second", "third"]) {
    const made = await compute.images.createOrUpdate(group, name, {
      location,
      hyperVGeneration: "V2",
      sourceVirtualMachine: { id: ids.machine },
    });
    assert.equal(made.storageProfile.osDisk.osState, "Generalized");
    ids[name] = made.id;
  }
});

await step("list images, page by page", async () => {
  const names = [];
  let pages = 0;
  for await (const page of compute.images.listByResourceGroup(group).byPage()) {
    pages += 1;
    names.push(...page.map((image) => image.name));
  }
  assert.deepEqual(names, ["first", "second", "third"]);
  assert.equal(pages, 2);
});

await step("create a gallery, a definition and a version", async () => {
  await compute.galleries.createOrUpdate(group, "gallery", { location });
  await compute.galleryImages.createOrUpdate(group, "gallery", "definition", {
    location,
    osType: "Linux",
    osState: "Generalized",
    hyperVGeneration: "V2",
    identifier: { publisher: "golden", offer: "debian", sku: "twelve" },
    features: [{ name: "SecurityType", value: "Standard" }],
  });
  const version = await compute.galleryImageVersions.createOrUpdate(group, "gallery", "definition", "1.0.0", {
    location,
    storageProfile: { source: { id: ids.first } },
    publishingProfile: { targetRegions: [{ name: location }, { name: "northeurope", regionalReplicaCount: 2 }] },
  });
  assert.equal(version.provisioningState, "Succeeded");
});

await step("read the replication of the version", async () => {
  const version = await compute.galleryImageVersions.get(group, "gallery", "definition", "1.0.0", {
    expand: "ReplicationStatus",
  });
  assert.equal(version.replicationStatus.aggregatedState, "Completed");
  assert.deepEqual(
    version.replicationStatus.summary.map((region) => region.region),
    ["westeurope", "northeurope"],
  );
});

await step("delete the version, the definition and the gallery", async () => {
  await compute.galleryImageVersions.delete(group, "gallery", "definition", "1.0.0");
  await compute.galleryImages.delete(group, "gallery", "definition");
  await compute.galleries.delete(group, "gallery");
});

await step("delete the image", async () => {
  for (const name of ["first", "second", "third"]) {
    await compute.images.delete(group, name);
  }
});

await step("read of the deleted image that it is not found", async () => {
  await assert.rejects(compute.images.get(group, "first"), { statusCode: 404, code: "ResourceNotFound" });
});

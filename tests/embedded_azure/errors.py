# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure's errors, word for word where a recording or an issue thread shows the words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class AzureError(Exception):
    """An answer of Azure that refuses a request, or the reason an operation failed."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        gateway: bool = False,
        target: str | None = None,
        headers: dict[str, str] | None = None,
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.gateway = gateway
        self.target = target
        self.details = details
        self.additional: list[dict[str, Any]] = []
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The error object as it stands in a body or in an operation's status."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target:
            error["target"] = self.target
        if self.details:
            error["details"] = self.details
        if self.additional:
            error["additionalInfo"] = self.additional
        return error

    def as_dict(self) -> dict[str, Any]:
        """What a fault rule or a log needs to raise it again."""
        return {"status": self.status, **self.body()}


@dataclass(frozen=True)
class Template:
    """Status, code and wording of one error; `gateway` errors come from ARM's front door and say so in a header."""

    status: int
    code: str
    message: str
    gateway: bool = False
    headers: dict[str, str] = field(default_factory=dict)


_FIX = "For more details please go to https://aka.ms/ARMResourceNotFoundFix"

TEMPLATES: dict[str, Template] = {
    # the front door
    "no_token": Template(
        401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.", gateway=True
    ),
    "bad_token": Template(401, "InvalidAuthenticationToken", "The access token is invalid.", gateway=True),
    # Azure/azure-sdk-for-net#49391
    "wrong_tenant": Template(
        401,
        "InvalidAuthenticationTokenTenant",
        "The access token is from the wrong issuer 'https://sts.windows.net/{given}/'. It must match the tenant "
        "'https://sts.windows.net/{wanted}/' associated with this subscription. Please use the authority (URL) "
        "'https://login.windows.net/{wanted}' to get the token.",
        gateway=True,
    ),
    # Azure/azure-cli#30976, Azure/azure-cli-extensions#7143
    "tenant_not_linked": Template(
        403,
        "LinkedAuthorizationFailed",
        "The client has permission to perform action 'Microsoft.Compute/galleries/images/versions/read' on scope '{scope}', however "
        "the current tenant '{tenant}' is not authorized to access linked subscription '{linked}'.",
        gateway=True,
    ),
    "expired_token": Template(
        401,
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time '{expiry}' is earlier than current UTC time '{now}'.",
        gateway=True,
    ),
    # Azure/azure-cli#31699: the answer to a write of a user who signed in without multi-factor authentication.
    "user_without_mfa": Template(
        401, "RequestDisallowedByPolicy", "Resource '{name}' was disallowed by policy. .", gateway=True
    ),
    # jenkinsci/azure-vm-agents-plugin#206
    "no_right": Template(
        403,
        "AuthorizationFailed",
        "The client '{client}' with object id '{object_id}' does not have authorization to perform action '{action}' over "
        "scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        gateway=True,
    ),
    # kubernetes-sigs/azuredisk-csi-driver#2610
    "no_linked_right": Template(
        403,
        "LinkedAuthorizationFailed",
        "The client '{client}' with object id '{object_id}' has permission to perform action '{action}' on scope "
        "'{scope}'; however, it does not have permission to perform action(s) '{linked}' on the linked scope(s) '{id}' "
        "(respectively) or the linked scope(s) are invalid.",
        gateway=True,
    ),
    # hashicorp/terraform-provider-azurerm and others: code, target, the first sentence and the identifiers.
    "denied_by_policy": Template(
        403,
        "RequestDisallowedByPolicy",
        "Resource '{name}' was disallowed by policy. Policy identifiers: '{identifiers}'.",
        gateway=True,
    ),
    "policy_not_found": Template(
        404, "PolicyDefinitionNotFound", "The policy definition '{name}' could not be found.", gateway=True
    ),
    "not_registered": Template(
        409,
        "MissingSubscriptionRegistration",
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how to "
        "register subscriptions.",
        gateway=True,
    ),
    "no_subscription": Template(
        404, "MissingSubscription", "The request did not have a subscription or a valid tenant level resource provider."
    ),
    "subscription_not_found": Template(
        404, "SubscriptionNotFound", "The subscription '{subscription}' could not be found.", gateway=True
    ),
    "bad_subscription": Template(
        400,
        "InvalidSubscriptionId",
        "The provided subscription identifier '{subscription}' is malformed or invalid.",
        gateway=True,
    ),
    "no_api_version": Template(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
        gateway=True,
    ),
    "bad_api_version": Template(
        400,
        "InvalidApiVersionParameter",
        "The api-version '{version}' is invalid. The supported versions are '{supported}'.",
        gateway=True,
    ),
    # Azure/azure-cli#28496, MicrosoftDocs/azure-docs#62621, hashicorp's answer in Azure/azure-cli#23985 (status)
    "no_registered_provider": Template(
        400,
        "NoRegisteredProviderFound",
        "No registered resource provider found for location '{location}' and API version '{version}' for type '{type}'. The "
        "supported api-versions are '{supported}'. The supported locations are '{locations}'.",
        gateway=True,
    ),
    "bad_content": Template(
        400,
        "InvalidRequestContent",
        "The request content was invalid and could not be deserialized: '{reason}'.",
        gateway=True,
    ),
    # Azure/azure-cli#17904 (words); the same reader's other refusals have this code (Azure/azure-rest-api-specs#7215).
    "unknown_member": Template(
        400,
        "BadRequest",
        "Could not find member '{member}' on object of type '{owner}'. Path '{path}', line 1, position 1.",
    ),
    "unknown_type": Template(
        404,
        "InvalidResourceType",
        "The resource type '{type}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        "The supported api-versions are '{supported}'.",
        gateway=True,
    ),
    "unknown_namespace": Template(
        404, "InvalidResourceNamespace", "The resource namespace '{namespace}' is invalid.", gateway=True
    ),
    "method_not_allowed": Template(
        405, "MethodNotAllowed", "The requested resource does not support http method '{method}'."
    ),
    "group_not_found": Template(
        404, "ResourceGroupNotFound", "Resource group '{group}' could not be found.", gateway=True
    ),
    "group_being_deleted": Template(
        409,
        "ResourceGroupBeingDeleted",
        "The resource group '{group}' is in deprovisioning state and cannot perform this operation.",
        gateway=True,
    ),
    "group_location": Template(
        400,
        "LocationNotAvailableForResourceGroup",
        "The provided location '{location}' is not available for resource group. "
        "List of available regions is '{locations}'.",
        gateway=True,
    ),
    # The code is recorded once; the words are ours.
    "group_location_malformed": Template(
        400, "InvalidResourceLocation", "The resource location '{location}' is malformed.", gateway=True
    ),
    "group_moved": Template(
        409,
        "InvalidResourceGroupLocation",
        "Invalid resource group location '{location}'. The Resource group already exists in location '{existing}'.",
        gateway=True,
    ),
    "resource_not_found": Template(
        404,
        "ResourceNotFound",
        "The Resource '{resource}' under resource group '{group}' was not found. " + _FIX,
        gateway=True,
    ),
    "parent_not_found": Template(
        404,
        "ParentResourceNotFound",
        "Failed to perform '{action}' on resource(s) of type '{type}', because the parent resource '{parent}' "
        "could not be found.",
        gateway=True,
    ),
    "no_location": Template(
        400, "LocationRequired", "The location property is required for this definition.", gateway=True
    ),
    "bad_location": Template(
        400,
        "LocationNotAvailableForResourceType",
        "The provided location '{location}' is not available for resource type '{type}'. "
        "List of available regions for the resource type is '{locations}'.",
        gateway=True,
    ),
    "moved": Template(
        409,
        "InvalidResourceLocation",
        "The resource '{name}' already exists in location '{existing}' in resource group '{group}'. "
        "A resource with the same name cannot be created in location '{location}'. Please select a new resource name.",
        gateway=True,
    ),
    "locked_delete": Template(
        409,
        "ScopeLocked",
        "The scope '{scope}' cannot perform delete operation because following scope(s) are locked: '{locked}'. "
        "Please remove the lock and try again.",
        gateway=True,
    ),
    "locked_write": Template(
        409,
        "ScopeLocked",
        "The scope '{scope}' cannot perform write operation because following scope(s) are locked: '{locked}'. "
        "Please remove the lock and try again.",
        gateway=True,
    ),
    "deployment_not_found": Template(
        404, "DeploymentNotFound", "Deployment '{name}' could not be found.", gateway=True
    ),
    # Learn, Blob service error codes.
    "nothing_stored": Template(404, "ResourceNotFound", "The specified resource does not exist."),
    # It comes from the provider of locks, not from the front door (recorded).
    "lock_not_found": Template(404, "LockNotFound", "The lock '{name}' could not be found."),
    "nested": Template(
        409,
        "CannotDeleteResource",
        "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '{ids}'. "
        "Please delete all nested resources before deleting this resource.",
        gateway=True,
    ),
    "nested_before": Template(
        409, "CannotDeleteResource", "Can not delete resource before nested resources are deleted.", gateway=True
    ),
    "arm_throttled": Template(
        429,
        "TooManyRequests",
        "The request is being throttled as the limit has been reached for operation type - {operation}.",
        gateway=True,
    ),
    # https://github.com/kubernetes-sigs/cloud-provider-azure/issues/9728
    "precondition": Template(
        412,
        "PreconditionFailed",
        "Etag provided in if-match header {asked} does not match etag {present} of resource.",
    ),
    "conflict": Template(
        409,
        "Conflict",
        "The request failed due to conflict with a concurrent request. To resolve it, please refer to "
        "https://aka.ms/activitylog to get more details on the conflicting requests.",
    ),
    "preempted": Template(
        409, "OperationPreempted", "Operation execution has been preempted by a more recent operation."
    ),
    "operation_not_found": Template(404, "NotFound", "The entity was not found in this Azure location."),
    "internal": Template(500, "InternalExecutionError", "An internal execution error occurred. {reason}"),
    # hashicorp/packer#5568
    "entity_name": Template(
        400, "InvalidParameter", "The entity name '{name}' is invalid according to its validation rule: {rule}."
    ),
    "resource_name": Template(
        400,
        "InvalidResourceName",
        "Resource name {name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end "
        "with a word character or with '_'. The name may contain word characters or '.', '-', '_'.",
    ),
    "windows_computer_name": Template(
        400,
        "InvalidParameter",
        "Windows computer name cannot be more than {limit} characters long, be entirely numeric, or contain the following characters: "
        "{characters}.",
    ),
    "linux_host_name": Template(
        400,
        "InvalidParameter",
        "Linux host name cannot exceed {limit} characters in length or contain the following characters: {characters}.",
    ),
    "windows_user_name": Template(
        400,
        "InvalidParameter",
        "Windows admin user name cannot be more than {limit} characters long, end with a period(.), or contain the following "
        "characters: {characters}.",
    ),
    "admin_username": Template(400, "InvalidParameter", "The Admin Username specified is not allowed."),
    "admin_password": Template(400, "InvalidParameter", "The Admin password specified is not allowed."),
    "password_complexity": Template(
        400,
        "InvalidParameter",
        "The supplied password must be between {shortest}-{longest} characters long and must satisfy at least {classes} of password "
        "complexity requirements from the following: 1) Contains an uppercase character 2) Contains a lowercase character 3) Contains "
        "a numeric digit 4) Contains a special character 5) Control characters are not allowed",
    ),
    "tag_characters": Template(
        400,
        "InvalidTagNameCharacters",
        "The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.",
        gateway=True,
    ),
    "tag_name_too_large": Template(
        400,
        "InvalidTagName",
        "Tag key too large. Following tag name '{name}' exceeded the maximum length. Maximum allowed length for tag name - "
        "'{limit}' characters.",
        gateway=True,
    ),
    "tag_value_too_large": Template(
        400,
        "InvalidTagValueLength",
        "Tag value too large. Following tag value '{value}' exceeded the maximum length. Maximum allowed length for tag value - "
        "'{limit}' characters.",
        gateway=True,
    ),
    # Nobody recorded the words, nor the code.
    "too_many_tags": Template(
        400, "TooManyTags", "The resource has {count} tags, and may have {limit} at most.", gateway=True
    ),
    # hashicorp/packer-plugin-azure#187
    "version_name": Template(
        400,
        "InvalidParameter",
        "The image version name is invalid. The image version name should follow Major(int).Minor(int).Patch(int) format, where "
        "int is between 0 and 2,147,483,647 (inclusive). For e.g: 1.0.0, 2018.12.1 etc.",
    ),
    "quota": Template(
        409,
        "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved {kind} quota. Additional details - Location: "
        "{location}, Current Limit: {limit}, Current Usage: {usage}.",
    ),
    # Azure/karpenter-provider-azure#192, nforgeio/neonKUBE#1671
    "cores_quota": Template(
        409,
        "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved {kind} Cores quota. Additional details - Deployment "
        "Model: Resource Manager, Location: {location}, Current Limit: {limit}, Current Usage: {usage}, Additional Required: "
        "{needed}, (Minimum) New Limit Required: {minimum}.",
    ),
    # mddazure/azure-vwan-microhack#9
    "size_not_available": Template(
        409,
        "SkuNotAvailable",
        "The requested size for resource '{id}' is currently not available in location '{location}' zones '{zones}' for "
        "subscription '{subscription}'. Please try another size or deploy to a different location or zones. See "
        "https://aka.ms/azureskunotavailable for details.",
    ),
    # Azure/azure-cli#31234
    "security_type_invalid": Template(
        400, "InvalidParameter", "The value of parameter securityProfile.securityType is invalid."
    ),
    # kubermatic/machine-controller#2013
    "security_type_demanded": Template(
        400,
        "BadRequest",
        "The provided gallery image only supports creation of VMs and VM Scale Sets with '{security}' security type.",
    ),
    # Azure/azure-cli#27975
    "security_type_of_image": Template(
        400,
        "BadRequest",
        "Use of {security} setting is not supported for the provided image. Please select Trusted Launch Supported Gen2 OS Image. "
        "For more information, see https://aka.ms/TrustedLaunch-FAQ.",
    ),
    # Azure/azure-cli#28005
    "security_type_of_size": Template(
        400,
        "BadRequest",
        "The VM size '{size}' is not supported for creation of VMs and Virtual Machine Scale Set with '{security}' security type. "
        "For more information, see https://aka.ms/TrustedLaunch-FAQ",
    ),
    # Azure/azure-cli#16788
    "encryption_at_host": Template(
        400,
        "InvalidParameter",
        "The property 'securityProfile.encryptionAtHost' is not valid because the 'Microsoft.Compute/EncryptionAtHost' feature is "
        "not enabled for this subscription.",
    ),
    # Nobody recorded the words of these two.
    "encryption_at_host_size": Template(
        400, "InvalidParameter", "The VM size '{size}' does not support encryption at host."
    ),
    "encryption_at_host_disk": Template(
        409,
        "OperationNotAllowed",
        "Encryption at host cannot be enabled: the disk '{disk}' is or was encrypted by Azure Disk Encryption.",
    ),
    # New-AzVM of a size with Arm64 from an image for x64, in the notes of those who met it.
    "size_architecture": Template(
        400,
        "BadRequest",
        "Cannot create a VM of size '{size}' because this VM size only supports a CPU Architecture of '{able}', but an image or "
        "disk with CPU Architecture '{given}' was given. Please check that the CPU Architecture of the image or disk is compatible "
        "with that of the VM size.",
    ),
    "size_generation": Template(
        400,
        "BadRequest",
        "The selected VM size '{size}' cannot boot Hypervisor Generation '{generation}'. If this was a Create operation please "
        "check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size.",
    ),
    # Azure/FederalAVD#20
    "size_controller": Template(
        400,
        "InvalidParameter",
        "The VM size '{size}' cannot boot with DiskControllerType '{controller}'. Please check that the disk controller type "
        "provided is one of the supported disk controller types for the VM size '{size}'. Please query sku api at "
        "https://aka.ms/azure-compute-skus  to determine supported disk controller types for the VM size.",
    ),
    # Azure/azure-cli#12858
    "size_networking": Template(
        400,
        "VMSizeIsNotPermittedToEnableAcceleratedNetworking",
        "Virtual machine {vm} has size {size}, which is not compatible with enabling accelerated networking on network "
        "interface(s) on the VM. Compatible VM sizes: {sizes}.",
    ),
    # microsoft/lisa#2628 has how it begins.
    "controller_generation": Template(
        400, "InvalidParameter", "Disk Controller Type is only supported for Hypervisor Generation 2."
    ),
    # openshift/installer#7500
    "size_controllers": Template(
        400,
        "InvalidParameter",
        "The VM size '{size}' cannot boot with OS image or disk. Please check that disk controller types supported by the OS "
        "image or disk is one of the supported disk controller types for the VM size '{size}'. Please query sku api at "
        "https://aka.ms/azure-compute-skus  to determine supported disk controller types for the VM size.",
    ),
    # kubernetes-sigs/cluster-api-provider-azure#294
    "no_zones": Template(
        400,
        "ResourceTypeNotSupportAvailabilityZones",
        "The resource type '{type}' does not support availability zones at location '{location}' and api-version '{version}'.",
        gateway=True,
    ),
    # MicrosoftDocs/azure-docs#57951 has the words.
    "disk_shrinks": Template(
        400,
        "BadRequest",
        "The disk/snapshot resource with id {id} cannot be resized down. Reducing disk/snapshot size is not supported in Azure to "
        "prevent data loss. If you do need to reduce the size of the disk, please create new snapshot/disks with the appropriate "
        "size. More information is available at https://aka.ms/AzureDisksFAQ",
    ),
    # hitachienergy/epiphany#1049
    "disk_smaller_than_image": Template(
        409,
        "OperationNotAllowed",
        "The specified disk size {asked} GB is smaller than the size of the corresponding disk in the VM image: {least} GB. This is "
        "not allowed. Please choose equal or greater size or do not specify an explicit size.",
    ),
    # The code is recorded once; the words are ours.
    "no_interface": Template(
        400,
        "VirtualMachineMustHaveAtLeastOneNetworkInterface",
        "Virtual machine {vm} must have at least one network interface.",
    ),
    # kubernetes-sigs/azuredisk-csi-driver#2883, hashicorp/terraform#7389 (target)
    "too_many_data_disks": Template(
        409,
        "OperationNotAllowed",
        "The maximum number of data disks allowed to be attached to a VM of this size is {limit}.",
    ),
    # The code is recorded; the words are those for a secret in Azure/azure-powershell#3646.
    "key_without_version": Template(
        400,
        "InvalidParameter",
        "{url} is not a valid versioned Key Vault Key URL. It should be in the format "
        "https://<vaultEndpoint>/keys/<keyName>/<keyVersion>.",
    ),
    # Azure/azure-cli#11909, #9732: what is in another region is not found.
    "source_elsewhere": Template(404, "NotFound", "Resource {name} is not found."),
    # Compute, of what was there a moment ago (recorded)
    "disk_gone": Template(404, "NotFound", "Disk {name} is not found."),
    "snapshot_gone": Template(404, "NotFound", "Snapshot {name} is not found."),
    "encryption_set_gone": Template(404, "NotFound", "DiskEncryptionSet '{name}' was not found."),
    # Compute
    "not_here": Template(404, "NotFound", "The entity was not found in this Azure location."),
    "invalid_parameter": Template(400, "InvalidParameter", "{reason}"),
    "bad_request": Template(400, "BadRequest", "{reason}"),
    "not_allowed": Template(409, "OperationNotAllowed", "{reason}"),
    # hashicorp/terraform-provider-azurerm#21999
    "locations_kept": Template(
        400,
        "BadRequest",
        "Complete set of target locations not specified while updating gallery artifact '{name}' and type 'GalleryImageVersion'. "
        "Deletion of previously replicated locations is not allowed, and you need to specify a complete set of target locations in "
        "the update request or specify null or empty set for target regions in the update request or set allow deletion of "
        "replicated locations under safety profile property.",
    ),
    # Azure/azure-cli#15539; the code is that of Azure/azure-cli#29091
    "replication_failed": Template(
        409,
        "InternalOperationError",
        "Gallery replication jobs failed in one or more regions. The failing regions' details are as follows: '{details}'. If "
        "retry does not work, then please do an update by removing the failed regions and update again by adding them back.",
    ),
    "property_change": Template(409, "PropertyChangeNotAllowed", "Changing property '{property}' is not allowed."),
    "resource_missing": Template(404, "ResourceNotFound", "The {kind} '{id}' was not found."),
    "generalize_running": Template(
        409,
        "OperationNotAllowed",
        "Operation 'generalize' is not allowed on VM '{vm}' since the VM is running. Please power off explicitly in "
        "case you shut down the VM from inside the guest operating system.",
    ),
    "generalized": Template(
        409, "OperationNotAllowed", "Operation '{action}' is not allowed on VM '{vm}' since the VM is generalized."
    ),
    "image_not_generalized": Template(
        409,
        "OperationNotAllowed",
        "The operation 'Create Image' requires the Virtual Machine '{vm}' to be Generalized.",
    ),
    "image_trusted_launch": Template(
        409,
        "OperationNotAllowed",
        "Creation of managed images are not supported for virtual machine with {security} security type.",
    ),
    "capture_not_generalized": Template(
        409, "OperationNotAllowed", "Capture operation cannot be completed because the VM is not generalized."
    ),
    "image_in_use": Template(
        409,
        "OperationNotAllowed",
        "Operation 'Image Delete' is not allowed since the Virtual Machines '{vms}' are being provisioned using the "
        "Image '{image}'.",
    ),
    "disk_attached": Template(
        409, "OperationNotAllowed", "Disk {disk} is attached to VM {vm}. Detach the disk before deleting it."
    ),
    # microsoft/AzureStorageExplorer#8800
    # The words are those of extensions (Azure/custom-script-extension-linux#107); of managed run commands, none are recorded.
    "script_failed": Template(
        409,
        "VMExtensionProvisioningError",
        "VM has reported a failure when processing extension '{name}'. Error message: \"{reason}\".",
    ),
    "invalid_vhd": Template(
        400,
        "InvalidVhd",
        "The specified cookie value in VHD footer indicates that disk 'abcd' with blob "
        "https://md-impexp-embedded.blob.storage.azure.net:8443/{container}/abcd is not a supported VHD. Disk is expected to "
        "have cookie value 'conectix'.",
    ),
    # microsoft/AzureStorageExplorer#5675 tells that it is refused, and why; the words are not recorded.
    "export_denied": Template(
        409,
        "OperationNotAllowed",
        "Access to the content of {kind} {name} is denied by its network access policy DenyAll.",
    ),
    "active_access": Template(
        409,
        "OperationNotAllowed",
        "There is an active shared access signature outstanding for {kind} {name}. Call EndGetAccess before attaching or "
        "deleting the {kind}. Learn more here: aka.ms/revokeaccessapi.",
    ),
    # https://github.com/hashicorp/terraform-provider-azurerm/issues/8105
    "interface_in_use": Template(
        400,
        "NicInUse",
        "Network Interface {interface} is used by existing resource {vm}. In order to delete the network interface, it must "
        "be dissociated from the resource. To learn more, see aka.ms/deletenic.",
    ),
    # https://github.com/hashicorp/terraform-provider-azurerm/issues/2566
    "address_in_use": Template(
        400,
        "PublicIPAddressCannotBeDeleted",
        "Public IP address {address} can not be deleted since it is still allocated to resource {owner}. In order to delete "
        "the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see "
        "aka.ms/deletepublicip.",
    ),
    "group_blocked": Template(
        409,
        "ResourceGroupDeletionBlocked",
        "Deletion of resource group '{group}' failed as resources with identifiers '{ids}' could not be deleted. The "
        "provisioning state of the resource group will be rolled back. The tracking Id is '{tracking}'. Please check audit "
        "logs for more details.",
    ),
    "offer_not_found": Template(
        400,
        "ResourcePurchaseValidationFailed",
        "User failed validation to purchase resources. Error message: 'Offer with PublisherId: {publisher} and OfferId: {offer} not "
        "found in Azure Data Market. If this offer has been created recently, please allow upto 30 minutes for this offer to be "
        "available for Purchase.'",
        gateway=True,
    ),
    "terms_not_accepted": Template(
        400,
        "ResourcePurchaseValidationFailed",
        "User failed validation to purchase resources. Error message: 'You have not accepted the legal terms on this subscription: "
        "'{subscription}' for this plan. Before the subscription can be used, you need to accept the legal terms of the image. To "
        "read and accept legal terms, use the Azure CLI commands described at https://go.microsoft.com/fwlink/?linkid=2110637 or "
        "the PowerShell commands available at https://go.microsoft.com/fwlink/?linkid=862451. Alternatively, deploying via the "
        "Azure portal provides a UI experience for reading and accepting the legal terms. Offer details: publisher='{publisher}' "
        "offer = '{offer}', sku = '{sku}', Correlation Id: '{correlation}'.'",
        gateway=True,
    ),
    "purchase_refused": Template(
        400,
        "MarketplacePurchaseEligibilityFailed",
        "Marketplace purchase eligibilty check returned errors. See inner errors for details. ",
        gateway=True,
    ),
    "plan_missing": Template(
        400,
        "VMMarketplaceInvalidInput",
        "Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace image requires Plan "
        "information in the request. VM: '{vm}'.",
    ),
    "disk_taken": Template(
        409,
        "AttachDiskWhileBeingDetached",
        "Cannot attach disk '{disk}' to VM '{vm}' because it is already attached to VM '{owner}'.",
    ),
    # Microsoft Learn, restore-point-troubleshooting
    "shared_disk_in_restore_point": Template(
        409,
        "VMRestorePointClientError",
        "Creation of Restore Point of a Virtual Machine with Shared disks is not supported. You may exclude this disk from the restore "
        "point via excludeDisks property.",
    ),
    "throttled": Template(
        429,
        "OperationNotAllowed",
        "The server rejected the request because too many requests have been received for this subscription.",
    ),
}


def error(key: str, **names: Any) -> AzureError:
    """Make the error of that key in TEMPLATES, its wording filled with `names`."""
    template = TEMPLATES[key]
    return AzureError(
        template.status,
        template.code,
        template.message.format(**names),
        gateway=template.gateway,
        target=names.get("target"),
        headers=template.headers,
    )

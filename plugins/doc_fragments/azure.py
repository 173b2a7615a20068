# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that all modules share: authentication, clouds and the time limit."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module."""

    DOCUMENTATION = r"""
options:
  auth_source:
    description:
      - Source of the credentials.
      - V(auto) uses the first of the following sources that is configured, in this order. O(profile); O(client_id) or
        O(ad_user) of the task; E(AZURE_PROFILE); E(AZURE_CLIENT_ID) or E(AZURE_AD_USER); the default profile in
        C(~/.azure/credentials); the sign-in of the Azure CLI. If that source fails, no other source is tried.
      - V(env) uses environment variables only. V(credential_file) uses a profile in C(~/.azure/credentials). V(cli) uses
        the sign-in of the Azure CLI. V(msi) uses the managed identity of the host that runs the task. V(workload_identity)
        uses a federated token.
      - The default is V(auto). Can also be set with the environment variable E(ANSIBLE_AZURE_AUTH_SOURCE). AWX credential
        types cannot set variables that begin with C(ANSIBLE_) and can use E(AZURE_AUTH_SOURCE) instead.
    type: str
    choices: [auto, env, cli, msi, credential_file, workload_identity]
  profile:
    description: Section of C(~/.azure/credentials) to use. Can also be set with the environment variable E(AZURE_PROFILE).
    type: str
  subscription_id:
    description:
      - ID of the subscription. Can also be set with the environment variable E(AZURE_SUBSCRIPTION_ID).
      - If the sign-in of the Azure CLI is used, the default is the current subscription of the Azure CLI.
    type: str
  client_id:
    description:
      - Application (client) ID of the service principal, or of a user-assigned managed identity.
      - Can also be set with the environment variable E(AZURE_CLIENT_ID).
    type: str
  secret:
    description: Client secret of the service principal. Can also be set with the environment variable E(AZURE_SECRET) or
      E(AZURE_CLIENT_SECRET).
    type: str
  tenant:
    description: Tenant of the identity. Can also be set with the environment variable E(AZURE_TENANT) or
      E(AZURE_TENANT_ID).
    type: str
  ad_user:
    description:
      - User name to sign in with, together with O(password). In the Azure public cloud, this sign-in allows read requests
        only, because Azure requires multi-factor authentication for write requests of users, and Microsoft has deprecated it. To
        write, use O(auth_source=cli) or a service principal. Releases of azure-identity that no longer support it fail with advice.
      - Can also be set with the environment variable E(AZURE_AD_USER).
    type: str
  password:
    description: Password of O(ad_user), or of the file in O(x509_certificate_path). Can also be set with the environment
      variable E(AZURE_PASSWORD).
    type: str
  cloud_environment:
    description:
      - V(AzureCloud), V(AzureUSGovernment), V(AzureChinaCloud), or the HTTPS URL of the metadata endpoint of another cloud.
      - The default is V(AzureCloud). Can also be set with the environment variable E(AZURE_CLOUD_ENVIRONMENT).
    type: str
  cert_validation_mode:
    description:
      - V(ignore) disables the validation of TLS certificates. It is recommended to specify your certificate authority in
        E(REQUESTS_CA_BUNDLE) instead.
      - The default is V(validate). Can also be set with the environment variable E(AZURE_CERT_VALIDATION_MODE).
    type: str
    choices: [validate, ignore]
  adfs_authority_url:
    description: URL of the AD FS authority of Azure Stack Hub. Can also be set with the environment variable
      E(AZURE_ADFS_AUTHORITY_URL).
    type: str
  x509_certificate_path:
    description:
      - Path of a PEM or PKCS#12 file with the certificate and the private key of the service principal.
      - Can also be set with the environment variable E(AZURE_X509_CERTIFICATE_PATH) or E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  thumbprint:
    description:
      - Accepted for compatibility with credentials for azure.azcollection. It is not used, because the thumbprint is read
        from the certificate.
      - Can also be set with the environment variable E(AZURE_THUMBPRINT).
    type: str
  federated_token_file:
    description:
      - Path of a file with the federated token of a workload identity (OpenID Connect). The file is read each time a token
        is requested, so that it can be renewed while a task runs.
      - Can also be set with the environment variable E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  federated_token:
    description:
      - Federated token of a workload identity (OpenID Connect), for CI systems that provide it in a variable, such as GitLab. It is
        used until it expires, and takes precedence over O(federated_token_file).
      - Can also be set with the environment variable E(AZURE_FEDERATED_TOKEN).
    type: str
  oidc_request_url:
    description:
      - HTTPS URL at which a CI system issues federated tokens, as GitHub Actions does. It is used if O(client_id) and O(tenant) are
        set, but no other credentials are. A token is requested each time that an access token is.
      - Can also be set with the environment variable E(ACTIONS_ID_TOKEN_REQUEST_URL), which GitHub Actions sets for jobs with the
        permission C(id-token=write).
    type: str
  oidc_request_token:
    description: Token for requests to O(oidc_request_url). Can also be set with the environment variable
      E(ACTIONS_ID_TOKEN_REQUEST_TOKEN).
    type: str
  oidc_audience:
    description:
      - Audience of the tokens that O(oidc_request_url) issues. It must be an audience of the federated credential of the identity.
      - The default is that of the cloud, such as V(api://AzureADTokenExchange). Can also be set with the environment variable
        E(AZURE_OIDC_AUDIENCE).
    type: str
  disable_instance_discovery:
    description:
      - Whether to skip the validation of the cloud's authority by Microsoft. It is always skipped for clouds that are
        specified by URL.
      - Can also be set with the environment variable E(AZURE_DISABLE_INSTANCE_DISCOVERY).
    type: bool
  auxiliary_tenants:
    description:
      - IDs of up to three further tenants whose resources the task refers to, for example the gallery of a tenant from whose image
        version a version or a virtual machine is created. The identity must be a multitenant application with a service principal in
        each of them, or a guest user.
      - Their subscriptions are read with tokens of these tenants, and write requests contain the tokens in the header
        C(x-ms-authorization-auxiliary).
      - Can also be set with the environment variable E(AZURE_AUXILIARY_TENANTS), separated by commas.
    type: list
    elements: str
  token_cache:
    description:
      - V(task) requests an access token for each task.
      - V(run) requests an access token once for the whole run. The token is stored in the run's local temporary directory,
        in a file that only the user can read, and is removed with that directory at the end of the run.
      - V(run) takes effect only if modules run in the controller's process. A module that runs in a separate process, for
        example on another host, requests its own token.
    type: str
    choices: [task, run]
    default: task
  timeout:
    description:
      - Time limit of the task in seconds, at least 1. If the time limit is exceeded, completed changes are kept, and the
        next run of the task continues.
    type: int
    default: 3600
requirements:
  - azure-mgmt-compute
  - azure-identity
notes:
  - Options are validated before any request is sent. A task with invalid options fails with a code in RV(ignore:error.code). Examples of
    invalid options are empty strings, numbers out of range, missing required options, and tags that are reserved for this collection.
  - If an option is not set, the corresponding environment variable is used. The names are the same as those of azure.azcollection and AWX.
  - If a file that is required for authentication cannot be used, the error contains its path but not its contents, and
    RV(ignore:error.code) is C(file_missing), C(file_is_a_folder), C(file_unreadable) or C(file_content_wrong). C(internal_error) means a
    bug in this collection. Its message contains only the type and the location of the exception.
  - If the task runs on the controller, relative paths are relative to the directory in which Ansible was started. This applies to options,
    profiles and environment variables, including C(environment) of the task and the play.
  - A file that can be read only once, such as the result of a process substitution C(<(...)), is rejected.
  - If Azure rejects a token that has not expired, the token is renewed once for each request. If the Azure CLI is signed in to another
    cloud than the task uses, RV(ignore:error.code) is C(cli_in_another_cloud). If there is no connection, it is C(proxy_wants_credentials),
    C(proxy_refused), C(proxy_unreachable), C(certificate_not_trusted), C(name_not_resolved), C(no_answer_in_time) or C(unreachable).
  - The result contains the subscription and the client ID that were used, but no secrets.
"""

# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that all modules share: signing in, clouds and the time limit."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module."""

    DOCUMENTATION = r"""
options:
  auth_source:
    description:
      - Where the credentials come from.
      - V(auto) takes the first of these that is configured, and no other when that one fails. O(profile);
        O(client_id) or O(ad_user) of the task; E(AZURE_PROFILE); E(AZURE_CLIENT_ID) or E(AZURE_AD_USER);
        the default profile of C(~/.azure/credentials); the Azure CLI's login.
      - V(env) takes the environment only, V(credential_file) a profile of C(~/.azure/credentials), V(cli) the
        Azure CLI's login, V(msi) the managed identity of the machine the task runs on, V(workload_identity) a
        federated token.
      - Default V(auto). Environment variable E(ANSIBLE_AZURE_AUTH_SOURCE), or E(AZURE_AUTH_SOURCE) where credentials of
        AWX set it, which may not set variables that begin with C(ANSIBLE_).
    type: str
    choices: [auto, env, cli, msi, credential_file, workload_identity]
  profile:
    description: Section of C(~/.azure/credentials) to use. Environment variable E(AZURE_PROFILE).
    type: str
  subscription_id:
    description:
      - Subscription to work in. Environment variable E(AZURE_SUBSCRIPTION_ID).
      - With the Azure CLI's login, the CLI's current subscription is the default.
    type: str
  client_id:
    description:
      - Application (client) id of the service principal, or of a user-assigned managed identity.
      - Environment variable E(AZURE_CLIENT_ID).
    type: str
  secret:
    description: Secret of the service principal. Environment variable E(AZURE_SECRET) or E(AZURE_CLIENT_SECRET).
    type: str
  tenant:
    description: Tenant of the identity. Environment variable E(AZURE_TENANT) or E(AZURE_TENANT_ID).
    type: str
  ad_user:
    description:
      - User to sign in as, with O(password). In the public cloud such a user may read and not write, since Azure wants
        multi-factor authentication of users who write; it is for O(auth_source=cli), or use a service principal.
      - Environment variable E(AZURE_AD_USER).
    type: str
  password:
    description: Password of O(ad_user), or of the file at O(x509_certificate_path). Environment variable E(AZURE_PASSWORD).
    type: str
  cloud_environment:
    description:
      - V(AzureCloud), V(AzureUSGovernment), V(AzureChinaCloud), or the https URL of any other cloud's metadata.
      - Default V(AzureCloud). Environment variable E(AZURE_CLOUD_ENVIRONMENT).
    type: str
  cert_validation_mode:
    description:
      - V(ignore) accepts any certificate of the endpoints. Rather name your certificate authority in
        E(REQUESTS_CA_BUNDLE).
      - Default V(validate). Environment variable E(AZURE_CERT_VALIDATION_MODE).
    type: str
    choices: [validate, ignore]
  adfs_authority_url:
    description: Authority of Azure Stack's own identity service. Environment variable E(AZURE_ADFS_AUTHORITY_URL).
    type: str
  x509_certificate_path:
    description:
      - PEM or PKCS#12 file with the service principal's certificate and private key.
      - Environment variable E(AZURE_X509_CERTIFICATE_PATH) or E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  thumbprint:
    description:
      - Accepted so that credentials written for azure.azcollection work unchanged; the thumbprint is read from the
        certificate.
      - Environment variable E(AZURE_THUMBPRINT).
    type: str
  federated_token_file:
    description:
      - File with the federated token of a workload identity (OpenID Connect). It is read anew for each token.
      - Environment variable E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  disable_instance_discovery:
    description:
      - Whether to trust the cloud's authority without asking Microsoft about it. Always so for clouds given by URL.
      - Environment variable E(AZURE_DISABLE_INSTANCE_DISCOVERY).
    type: bool
  token_cache:
    description:
      - V(task) signs in once for each task.
      - V(run) signs in once for the whole run. The token is kept in the local temporary folder of the run, in a file that only
        its user can read, and is removed with that folder when the run ends.
      - It takes effect where modules run in the controller's process. A module that runs in a process of its own, maybe on
        another machine, has no folder that ends with the run, and signs in itself.
    type: str
    choices: [task, run]
    default: task
  timeout:
    description:
      - Time limit of the whole task, in seconds; 1 or more. Nothing is lost when it is over. Run the task again to go on.
    type: int
    default: 3600
requirements:
  - azure-mgmt-compute
  - azure-identity
notes:
  - What cannot be meant is refused before anything is read, with a code in RV(ignore:error.code). Text that is empty, numbers out of
    range, options of which none has a value, tags that are this collection's own.
  - Options that are not set are taken from the environment, under the names that azure.azcollection and AWX use.
  - A file that signing in needs and that cannot be used is named by its path, with C(file_missing), C(file_is_a_folder),
    C(file_unreadable) or C(file_content_wrong) in RV(ignore:error.code). Of its content, nothing is shown. C(internal_error) is a bug of
    this collection, told by its kind and place alone.
  - Relative paths are taken from the folder in which Ansible was called, where the task runs on the controller. That holds for options,
    for a profile, and for the environment, C(environment) of task and play included.
  - A file that can be read once only, such as one that a shell makes for C(<(...)), is refused by its path.
  - A token that Azure refuses though it has not expired is renewed once for a request. A login of the Azure CLI in another cloud than
    the task's is C(cli_in_another_cloud). Without a connection, RV(ignore:error.code) is C(proxy_wants_credentials), C(proxy_refused),
    C(proxy_unreachable), C(certificate_not_trusted), C(name_not_resolved), C(no_answer_in_time) or C(unreachable).
  - The result names the subscription and the client that were used, never a secret.
"""

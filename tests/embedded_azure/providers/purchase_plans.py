# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Purchase plans of marketplace images: their terms, and machines that are bought with them or should be.

Sources: recorded traffic (cli2025__test_vm_image_terms, psh2018__TestVirtualMachinePlan,
errcli2021__test_vm_create_with_market_place_image); for the wording of terms that were not
accepted nforgeio/neonKUBE#1673 and hashicorp/terraform-provider-azurerm#1145, for a missing plan
hashicorp/terraform-provider-azurerm#4678 and Azure/azure-rest-api-specs#22133 (the operation fails, not the request).
"""

from __future__ import annotations

from ..errors import AzureError, error
from ..model import Body, Call, Provider, Response, Route
from .images_of_vms import ImageSource

_TYPE = "Microsoft.MarketplaceOrdering/offertypes"
_LINKS = ("licenseTextLink", "privacyPolicyLink", "marketplaceTermsLink")
# What the service behind Resource Manager answers, as text (errcli2021__test_vm_create_with_market_place_image).
_TENANT_INCOMPLETE = (
    '{"error":{"code":"AccountSetupError","message":"You cannot purchase reservation because required AAD tenant information is '
    'missing. Please ask your tenant admin to fill this form: https://aka.ms/orgprofile"}}'
)
_AGREEMENT = (
    "/subscriptions/{subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/{type}/publishers/{publisher}"
    "/offers/{offer}/plans/{plan}/agreements/current"
)


def _key(publisher: str, product: str, name: str) -> str:
    return f"{publisher}:{product}:{name}".lower()


def _is_accepted(call: Call, key: str) -> bool:
    return key in map(str.lower, call.cloud.settings.accepted_terms)


def _is_offered(call: Call, publisher: str, offer: str, plan: str) -> bool:
    names = (publisher.lower(), offer.lower(), plan.lower())
    return any(image.plan for image in call.cloud.catalogue.select(*names))


def read_terms(call: Call) -> Response:
    """GET: the terms of a plan, signed anew with each look, and whether they were accepted."""
    key = _agreement_key(call)
    written = call.cloud.agreements.get(key, {})
    links = {word: written[word] for word in _LINKS if word in written}
    signed = {**_terms(call), **links, "accepted": _is_accepted(call, key)}
    return Response(200, _agreement(call, call.path.id.replace("/virtualmachine/", "/VirtualMachine/"), signed))


def write_terms(call: Call) -> Response:
    """PUT: accept them, or do so no more; what was sent comes back, under the id that Azure writes here."""
    key = _agreement_key(call)
    others = [each for each in call.cloud.settings.accepted_terms if each.lower() != key]
    sent = (call.body or {}).get("properties") or {}
    accepted = bool(sent.get("accepted"))
    call.cloud.settings.accepted_terms = [*others, key] if accepted else others
    call.cloud.agreements[key] = dict(sent)
    id = call.path.id.replace("/virtualmachine/", f"/{_TYPE}/")
    return Response(200, _agreement(call, id, {**_terms(call), **sent, "accepted": accepted}))


def _agreement_key(call: Call) -> str:
    names = [call.parameters[word] for word in ("publisher", "offer", "plan")]
    if not _is_offered(call, *names):
        raise error("offer_not_found", publisher=call.parameters["publisher"], offer=call.parameters["offer"])
    return _key(*names)


def _terms(call: Call) -> Body:
    publisher, offer, plan = (call.parameters[word] for word in ("publisher", "offer", "plan"))
    texts = f"{publisher}.{offer}.{plan}.txt"
    return {
        "publisher": publisher,
        "product": offer,
        "plan": plan,
        "licenseTextLink": f"https://example.org/legalterms/{texts}",
        "privacyPolicyLink": "https://example.org/privacy",
        "marketplaceTermsLink": f"https://example.org/marketplaceterms/{texts}",
        "retrieveDatetime": call.cloud.timestamp(),
        "signature": call.cloud.new_id().replace("-", "").upper(),
    }


def _agreement(call: Call, id: str, properties: Body) -> Body:
    now, identity = call.cloud.timestamp(), {"By": call.cloud.settings.client, "ByType": "Application"}
    data = {f"{event}{word}": value for event in ("created", "lastModified") for word, value in identity.items()}
    return {
        "id": id,
        "name": properties["plan"],
        "type": _TYPE,
        "properties": properties,
        "systemData": {**data, "createdAt": now, "lastModifiedAt": now},
    }


def check(call: Call, plan: Body | None) -> None:
    """Before a machine is made: what is bought must be offered, its terms accepted, and the tenant allowed to buy it."""
    if not plan:
        return
    names = [str(plan.get(word)) for word in ("publisher", "product", "name")]
    if not _is_offered(call, *names):
        raise error("offer_not_found", publisher=plan.get("publisher"), offer=plan.get("product"))
    if not _is_accepted(call, _key(*names)):
        raise error(
            "terms_not_accepted",
            subscription=call.path.subscription,
            publisher=plan.get("publisher"),
            offer=plan.get("product"),
            sku=plan.get("name"),
            correlation=call.cloud.new_id(),
        )
    if not call.cloud.settings.purchases:
        refused = error("purchase_refused")
        refused.details = [{"code": "BadRequest", "message": _TENANT_INCOMPLETE}]
        raise refused


def plan_missing(call: Call, desired: Body, image: ImageSource | None) -> AzureError | None:
    """Why a machine fails that is made without the plan by which its content was bought; None for all others."""
    os_disk = ((desired.get("properties") or {}).get("storageProfile") or {}).get("osDisk") or {}
    attached = call.cloud.store.get((os_disk.get("managedDisk") or {}).get("id"))
    needs = (image is not None and image.needs_plan) or (
        attached is not None and bool(attached.properties.get("purchasePlan"))
    )
    return error("plan_missing", vm=call.path.id) if needs and not desired.get("plan") else None


PROVIDER = Provider(
    namespace="Microsoft.MarketplaceOrdering",
    routes=(Route("GET", _AGREEMENT, read_terms), Route("PUT", _AGREEMENT, write_terms)),
)

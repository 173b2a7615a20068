# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of a removal, from its validated options."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    child,
    distinct,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import PROTECTED
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import Rules

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "source": {"type": "str", "choices": ["managed", "gallery"], "default": "managed"},
    "name": {"type": "str"},
    "names": {"type": "list", "elements": "str"},
    "whole": {"type": "str", "choices": ["definition", "gallery"]},
    "resource_group": {"type": "str"},
    "subscriptions": {"type": "list", "elements": "str"},
    "gallery": {"type": "str"},
    "definition": {"type": "str"},
    "rules": {
        "type": "dict",
        "options": {
            "family": {"type": "str"},
            "family_tag": {"type": "str"},
            "single_family": {"type": "bool", "default": False},
            "tags": {"type": "dict"},
            "name_pattern": {"type": "str"},
            "keep_newest": {"type": "int"},
            "older_than_days": {"type": "int"},
            "include_untagged": {"type": "bool", "default": False},
        },
    },
    "deprecate": {"type": "bool", "default": False},
    "grace_days": {"type": "int"},
    "protected_tag": {"type": "str", "default": PROTECTED},
    "max_removals": {"type": "int", "default": 10},
    "force": {"type": "bool", "default": False},
    "remove_leftovers": {"type": "bool", "default": True},
    "remove_empty_definitions": {"type": "bool", "default": False},
    "bypass_soft_delete": {"type": "bool", "default": False},
    "max_concurrency": {"type": "int", "default": 32},
}
_MAX_CONCURRENCY = 64


@dataclass(frozen=True)
class RemovalRequest:
    """The images to remove, and those to keep."""

    #: managed or gallery.
    source: str
    subscriptions: tuple[str, ...]
    #: The named images; empty for rules.
    named: tuple[ResourceId, ...] = ()
    #: definition or gallery, if that is removed with everything in it.
    whole: str | None = None
    resource_group: str | None = None
    gallery: str | None = None
    definition: str | None = None
    rules: Rules = field(default_factory=Rules)
    #: Whether the task declares all managed images as one family.
    single_family: bool = False
    #: The filter options of the rules.
    filters: Json = field(default_factory=dict)
    protected_tag: str = PROTECTED
    remove_leftovers: bool = True
    remove_empty_definitions: bool = False
    #: Whether to delete versions permanently although their gallery has soft delete.
    bypass_soft_delete: bool = False
    threads: int = 32

    @property
    def by_rules(self) -> bool:
        """Whether rules select the images."""
        return not self.named and self.whole is None

    @property
    def container(self) -> ResourceId:
        """The definition or gallery that is removed with everything in it.

        :raises ValueError: if only images are removed.
        """
        if self.whole is None or not (self.resource_group and self.gallery):
            raise ValueError("the options ensure that a definition or gallery has a name")
        gallery = ResourceId(self.subscriptions[0], self.resource_group, GALLERY, (self.gallery,))
        return child(gallery, GALLERY_DEFINITION, self.definition) if self.definition else gallery

    @property
    def family_tag(self) -> str | None:
        """The tag whose value is the family."""
        return self.filters.get("family_tag")

    @property
    def is_single_family(self) -> bool:
        """Whether the rules treat all matching managed images as one family."""
        return self.by_rules and self.source == "managed" and not self.family_tag

    @property
    def narrowed(self) -> bool:
        """Whether the scope of the rules is smaller than all managed images of a subscription."""
        tags = self.filters.get("tags") or {}
        return bool(self.resource_group or self.filters.get("name_pattern") or any(str(tags[name]) for name in tags))

    @property
    def known_tags(self) -> set[str]:
        """The tags that identify images, in lower case."""
        names = {str(name).lower() for name in self.filters.get("tags") or {}}
        return names | {self.family_tag.lower()} if self.family_tag else names


def removal_request(options: Json, subscription_id: str) -> RemovalRequest:
    """Read the options.

    :param subscription_id: the default subscription.
    :raises InvalidInput: for invalid options.
    """
    _check(options)
    subscriptions = distinct(options["subscriptions"] or (subscription_id,))
    rules = options["rules"] or {}
    return RemovalRequest(
        source=options["source"],
        subscriptions=subscriptions,
        named=tuple(_named(options, subscriptions[0])),
        whole=options["whole"],
        resource_group=options["resource_group"],
        gallery=options["gallery"],
        definition=options["definition"],
        rules=Rules(
            keep_newest=rules.get("keep_newest") or 1,
            older_than=_days(rules.get("older_than_days")),
            grace=_days(options["grace_days"]),
            deprecate_only=options["deprecate"],
            max_removals=options["max_removals"],
            force=options["force"],
            include_untagged=rules.get("include_untagged", False),
        ),
        single_family=rules.get("single_family", False),
        filters={name: rules.get(name) for name in ("family", "family_tag", "tags", "name_pattern")},
        protected_tag=options["protected_tag"],
        remove_leftovers=options["remove_leftovers"] and options["source"] == "managed",
        remove_empty_definitions=options["remove_empty_definitions"],
        bypass_soft_delete=options["bypass_soft_delete"],
        threads=options["max_concurrency"],
    )


def _check(options: Json) -> None:
    given = [name for name in ("name", "names", "rules", "whole") if options[name] is not None]
    if len(given) != 1:
        found = f"not {' and '.join(given)} together" if given else "none of them is set"
        raise InvalidInput(f"Specify what to remove with exactly one of 'name', 'names', 'rules' and 'whole': {found}.")
    for name in ("gallery", "definition", "remove_empty_definitions", "bypass_soft_delete"):
        if options[name] and options["source"] != "gallery":
            raise InvalidInput(f"Option '{name}' requires 'source: gallery'.")
    _check_selection(options)
    if not options["protected_tag"].strip():
        raise InvalidInput("Option 'protected_tag' is empty: set the tag of the images to keep.")
    if options["deprecate"] and options["grace_days"] is not None:
        raise InvalidInput(
            "Options 'deprecate', which only deprecates, and 'grace_days', which removes later, are mutually "
            "exclusive: set one of them."
        )
    if options["max_concurrency"] > _MAX_CONCURRENCY:
        raise InvalidInput(f"Option 'max_concurrency' is {options['max_concurrency']}: set at most {_MAX_CONCURRENCY}.")


def _check_selection(options: Json) -> None:
    """Check what selects the images.

    :raises InvalidInput: if it is ambiguous, or is more than intended.
    """
    if options["whole"] is not None:
        _check_whole(options)
    elif options["rules"] is not None:
        _check_rules(options["rules"], options["source"])
    elif len(options["subscriptions"] or ()) > 1:
        named = [options["name"]] if options["name"] is not None else options["names"]
        if not all("/" in name for name in named):
            raise InvalidInput("Several 'subscriptions' are set: specify the images by their full resource ids.")


def _check_whole(options: Json) -> None:
    """Check the options that name a definition or gallery: a gallery is never removed because a name was omitted.

    :raises InvalidInput: if they do not name exactly one.
    """
    whole = options["whole"]
    if options["source"] != "gallery":
        raise InvalidInput("Option 'whole' requires 'source: gallery'.")
    needed = ("resource_group", "gallery", *(("definition",) if whole == "definition" else ()))
    missing = [f"'{name}'" for name in needed if options[name] is None]
    if missing:
        raise InvalidInput(f"Option 'whole: {whole}' requires {' and '.join(missing)}.")
    if whole == "gallery" and options["definition"] is not None:
        raise InvalidInput(
            "Options 'whole: gallery' and 'definition' are mutually exclusive: set 'whole: definition', or omit 'definition'."
        )
    if len(options["subscriptions"] or ()) > 1:
        raise InvalidInput("Option 'whole' requires a single subscription; set one in 'subscriptions', or omit it.")
    for name in ("deprecate", "grace_days", "remove_empty_definitions"):
        if options[name] is not None and options[name] is not False:
            raise InvalidInput(f"Options 'whole' and '{name}' are mutually exclusive: omit one of them.")
    for name, resource_type in (("gallery", GALLERY), ("definition", GALLERY_DEFINITION)):
        if options[name] is not None:
            if "/" in options[name]:
                raise InvalidInput(f"Option '{name}' is '{options[name]}': set a name, not a resource id.")
            locate(name, options[name], resource_type, options["resource_group"], "")


def _check_rules(rules: Json, source: str) -> None:
    if rules.get("keep_newest") is None and rules.get("older_than_days") is None:
        raise InvalidInput(
            "Option 'rules' would remove all images but the newest: set 'keep_newest', 'older_than_days', or both."
        )
    if rules.get("single_family") and (rules["family_tag"] or source != "managed"):
        raise InvalidInput(
            "Option 'rules.single_family' applies only to managed images without 'rules.family_tag': omit one of them.",
            code="families_contradict",
        )


def _named(options: Json, subscription_id: str) -> list[ResourceId]:
    if options["rules"] is not None or options["whole"] is not None:
        return []
    option = "name" if options["name"] is not None else "names"
    values = [options["name"]] if option == "name" else options["names"] or []
    found = {
        str(identity).lower(): identity
        for identity in (_locate(options, option, value, subscription_id) for value in values)
    }
    if option == "names" and not found:
        raise InvalidInput("Option 'names' is empty: specify at least one image.")
    return list(found.values())


def _locate(options: Json, option: str, value: str, subscription_id: str) -> ResourceId:
    group, gallery, definition = (options[name] for name in ("resource_group", "gallery", "definition"))
    if options["source"] == "managed":
        return locate(option, value, IMAGE, group, subscription_id)
    if "/" in value or not value.strip():
        return locate(option, value, GALLERY_VERSION, group, subscription_id)
    if not (group and gallery and definition):
        raise InvalidInput(
            f"Option '{option}' names the image version '{value}' without its location: set 'resource_group', "
            "'gallery' and 'definition', or the full resource id."
        )
    return ResourceId(subscription_id, group, GALLERY_VERSION, (gallery, definition, value))


def _days(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(days=count)

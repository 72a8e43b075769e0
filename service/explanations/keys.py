"""The keys of the settings, as they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.stores.encryption_keys import key_bytes

if TYPE_CHECKING:
    from service.settings import Settings
    from service.stores.vault import Vault


def vault_of(settings: Settings) -> Vault | None:
    """Return what seals and opens; None where no key is set."""
    if not settings.encryption_keys:
        return None
    from service.stores.vault import Vault  # noqa: PLC0415 - brings cryptography, which a service without a key does not need

    return Vault([key_bytes(key) for key in settings.encryption_keys])

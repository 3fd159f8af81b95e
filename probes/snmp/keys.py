"""SNMPv3 users: protocols by name, and passwords stretched to master keys once (RFC 3414 A.2)."""

from functools import lru_cache
from typing import Final

from gufo.snmp.user import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    KeyType,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)

from probes.credentials import SnmpUser
from probes.snmp.errors import SnmpAuthError

_AUTH: Final[dict[str, type[BaseAuthKey]]] = {
    "MD5": Md5Key,
    "SHA": Sha1Key,
    "SHA224": Sha224Key,
    "SHA256": Sha256Key,
    "SHA384": Sha384Key,
    "SHA512": Sha512Key,
}
_PRIV: Final[dict[str, type[BasePrivKey]]] = {
    "DES": DesKey,
    "AES": Aes128Key,
    "AES192": Aes192Key,
    "AES256": Aes256Key,
    "AES192C": Aes192Key,
    "AES256C": Aes256Key,
}
_SHORTEST_PASSWORD: Final = 8  # RFC 3414 section 11.2


@lru_cache(maxsize=512)
def _master_key(protocol: str, password: str) -> bytes:
    """Hashes one megabyte: 0.7 ms, hence once a password and protocol."""
    return _AUTH[protocol].get_master_key(password.encode())


def _checked(what: str, password: str) -> str:
    if len(password.encode()) < _SHORTEST_PASSWORD:
        raise SnmpAuthError(f"the {what} password must have at least {_SHORTEST_PASSWORD} characters")
    return password


@lru_cache(maxsize=512)
def user_of(credential: SnmpUser) -> User:
    """The library's user for a credential; SnmpAuthError where the credential cannot work anywhere."""
    auth, priv = credential.auth_protocol, credential.priv_protocol
    if priv and not auth:
        raise SnmpAuthError("privacy needs an authentication protocol")
    if not auth:
        return User(credential.user)
    if auth not in _AUTH or (priv and priv not in _PRIV):
        raise SnmpAuthError(f"unknown protocol {auth if auth not in _AUTH else priv}")
    auth_key = _AUTH[auth](
        _master_key(auth, _checked("authentication", credential.auth_password)), KeyType.Master
    )
    if not priv:
        return User(credential.user, auth_key=auth_key)
    priv_key = _PRIV[priv](_master_key(auth, _checked("privacy", credential.priv_password)), KeyType.Master)
    expansion = KeyExpansion.Cisco if priv.endswith("C") else KeyExpansion.Blumenthal
    return User(credential.user, auth_key=auth_key, priv_key=priv_key, key_expansion=expansion)

"""Sealing: phone numbers and outgoing words are encrypted at rest; numbers can still be looked up by a keyed hash."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from dispatch.errors import ConfigurationError


class Seal:
    """Encrypts and finds. Two keys are derived from the installation's secret: one seals, one indexes."""

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < 16:
            raise ConfigurationError("DISPATCH_SECRET_KEY is too short; make one with `openssl rand -base64 32`.")
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derive(secret_key, b"seal")))
        self._index_key = self._derive(secret_key, b"index")

    @staticmethod
    def _derive(secret_key: str, purpose: bytes) -> bytes:
        return hmac.new(secret_key.encode(), b"interpreter-dispatch/" + purpose, hashlib.sha256).digest()

    def seal(self, text: str) -> str:
        """The text, encrypted (Fernet: AES-128-CBC with HMAC-SHA256)."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text back. Raises ConfigurationError when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ConfigurationError(
                "The stored numbers were sealed with another DISPATCH_SECRET_KEY; start with the key of this store."
            ) from error

    def index(self, text: str) -> str:
        """A keyed hash by which the text can be found again, and by nobody without the key."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

"""Passwords (argon2id), time-based codes (RFC 6238) and recovery codes: making and checking them."""

import base64
import hashlib
import hmac
import io
import secrets
from datetime import datetime
from functools import cache

import argon2
import pyotp
import segno

_HASHER = argon2.PasswordHasher()  # RFC 9106, low memory: 64 MiB, three passes
_STEP_SECONDS = 30
RECOVERY_CODES = 10


def hash_password(password: str) -> str:
    """The password as it is kept."""
    return _HASHER.hash(password)


def password_matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long for an account that does not exist (None)."""
    nobody = _nobody()
    try:
        return _HASHER.verify(kept or nobody, password) and kept is not None
    except argon2.exceptions.VerifyMismatchError:
        return False


@cache
def _nobody() -> str:
    """A hash that no password has. Made at the first sign-in, whoever's it is: it takes a fifth of a second."""
    return _HASHER.hash(secrets.token_hex(16))


def new_totp_secret() -> str:
    """A secret for an authenticator app, base32."""
    return pyotp.random_base32()


def totp_uri(secret: str, name: str, agency: str) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=agency)


def qr_svg(text: str, title: str | None = None) -> str:
    """A QR code as SVG that fills the room it is given, with its quiet zone, without styles of its own."""
    out = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(out, kind="svg", xmldecl=False, omitsize=True, border=4, light="#ffffff", title=title)
    return out.getvalue().decode()


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The 30 s step whose code this is: the present one or a neighbour, and newer than `last_step`. None: wrong."""
    told = "".join(code.split())
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if step > last_step and hmac.compare_digest(totp.generate_otp(step).encode(), told.encode()):
            return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Codes that stand in for a lost phone, once each: 50 random bits, like `k7qf2-m3xza`."""
    made = (base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10] for _ in range(RECOVERY_CODES))
    return tuple(f"{code[:5]}-{code[5:]}" for code in made)


def plain_code(code: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return "".join(code.lower().split()).replace("-", "")


def new_token() -> str:
    """A session's token, for the browser's cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the store keeps of a token: it has enough bits to need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(token: str, key: str) -> str:
    """What every form carries so that no other page can send it: bound to the session's token."""
    return hmac.new(key.encode(), b"interpreter-dispatch/form/" + token.encode(), hashlib.sha256).hexdigest()

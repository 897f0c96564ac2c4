"""What the ticker does of what is due, one thing after the other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.errors import DispatchError, StoreUnavailable

log = logging.getLogger(__name__)


@contextmanager
def on_its_own(what: str) -> Iterator[None]:
    """One thing that is due: where it cannot be kept it holds up no other, and is looked at again next round.

    `what`: its name in the log. Raises StoreUnavailable, without which nothing else can be done either.
    """
    try:
        yield
    except StoreUnavailable:
        raise
    except DispatchError as error:
        log.error("%s is looked at again next round: %s", what, error)

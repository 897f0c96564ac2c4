"""The agency's own settings: one row, whose version tells whether somebody else was quicker."""

import json
from datetime import datetime

from sqlalchemy import insert, select, update

from dispatch.agency import Profile
from dispatch.errors import Conflict
from dispatch.schema_agency import agency_profile
from dispatch.store.unit import Unit

_ONLY = 1


class AgencyProfile(Unit):
    """What was said of the agency on the console."""

    def agency_profile(self) -> Profile:
        """The profile; an empty one while nothing was said."""
        row = self._db.execute(select(agency_profile)).first()
        if row is None:
            return Profile()
        return Profile(
            version=row.version,
            name=row.name,
            languages=tuple(json.loads(row.languages)) if row.languages is not None else None,
            greeting_languages=row.greeting_languages,
            desk=self._seal.open(row.desk_sealed) if row.desk_sealed is not None else None,
        )

    def save_agency_profile(self, profile: Profile, now: datetime) -> None:
        """Write it as the version after `profile.version`. Raises Conflict when that is not the stored one."""
        row = {
            "version": profile.version + 1,
            "name": profile.name,
            "languages": json.dumps(profile.languages) if profile.languages is not None else None,
            "greeting_languages": profile.greeting_languages,
            "desk_sealed": self._seal.seal(profile.desk) if profile.desk is not None else None,
            "changed_at": now,
        }
        if profile.version == 0:
            self._db.execute(insert(agency_profile), {"id": _ONLY, **row})  # a second first one breaks the key
            return
        mine = update(agency_profile).where(agency_profile.c.version == profile.version)
        if self._db.execute(mine.values(**row)).rowcount != 1:
            raise Conflict("Somebody else changed the agency's settings first; load again and decide anew.")

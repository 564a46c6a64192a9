"""The one access token of a vendor's account, shared by all processes, under the server's secret.

Two that find it stale at once make one call: the second sees the first's lease and comes back a moment later. No
transaction is open while the vendor is asked.
"""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channels import SendError, SendProblem
from bot.channels.wechat_api import EARLY, Clock, Fetch
from bot.models import VendorToken
from casework.errors import BrokenSeal
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.types import Channel

PURPOSE = "vendor_token"
LEASE = timedelta(seconds=20)
"""So long one process alone may ask the vendor; longer than its time limits together."""


class TokenTable:
    """The shelf of one account in our database."""

    def __init__(self, store: Store, secrets: ServerSecrets, account: str, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._account = account
        self._clock = clock

    def get(self, *, now: datetime) -> str | None:
        """The token, if it is good for a while yet."""
        with self._store.read() as session:
            row = session.get(VendorToken, self._account)
            return None if row is None or row.expires_at - EARLY <= now else self._read(row)

    def renew(self, fetch: Fetch, *, stale: str | None) -> str:
        """A new token; the one that another process has just fetched, if there is one. Raises SendError (later)."""
        known = self._take_lease(stale)
        if known is not None:
            return known
        try:
            token, life = fetch()
        except SendError:
            self._drop_lease()
            raise
        with self._store.write() as session:
            self._put(session, self._account, token, self._clock() + life)
            self._put(session, self._lease, "", self._clock())
        return token

    @property
    def _lease(self) -> str:
        return f"lease:{self._account}"

    def _take_lease(self, stale: str | None) -> str | None:
        now = self._clock()
        with self._store.write() as session:
            row = session.get(VendorToken, self._account, with_for_update=True)
            token = self._read(row) if row is not None and row.expires_at - EARLY > now else None
            if token is not None and token != stale:
                return token
            self._make_lease(session, now)
            lease = session.get_one(VendorToken, self._lease, with_for_update=True)
            if lease.expires_at > now:
                raise SendError(Channel.WECHAT, SendProblem.LATER, "lease")
            self._put(session, self._lease, "", now + LEASE)
        return None

    def _make_lease(self, session: Session, now: datetime) -> None:
        """The lease's row, held by nobody, unless there is one; two that make it at once make one, and queue for it."""
        insert = sqlite.insert if self._store.is_sqlite else postgresql.insert
        sealed = self._secrets.encrypt(PURPOSE, b"", self._lease.encode())
        row = {"account": self._lease, "ciphertext": sealed, "expires_at": now}
        session.execute(insert(VendorToken).values(row).on_conflict_do_nothing())

    def _drop_lease(self) -> None:
        with self._store.write() as session:
            self._put(session, self._lease, "", self._clock())

    def _put(self, session: Session, account: str, token: str, expires_at: datetime) -> None:
        sealed = self._secrets.encrypt(PURPOSE, token.encode(), account.encode())
        row = session.get(VendorToken, account)
        if row is None:
            session.add(VendorToken(account=account, ciphertext=sealed, expires_at=expires_at))
        else:
            row.ciphertext, row.expires_at = sealed, expires_at
        session.flush()

    def _read(self, row: VendorToken) -> str | None:
        """The token; None where it was written under a secret that is no longer in the file."""
        try:
            return self._secrets.decrypt(PURPOSE, row.ciphertext, row.account.encode()).decode()
        except BrokenSeal:
            return None

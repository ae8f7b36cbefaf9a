"""The session in Tripletex that a connection or a set-up keeps between its calls."""

import logging

from ..tools import TripletexClient, TripletexError

_logger = logging.getLogger(__name__)

#: Seconds to connect, and to wait for bytes, when a session is only closed.
CLOSING_TIMEOUT = (3, 5)


class DatabaseCopied(TripletexError):
    """No call was made: the record came here with a copy of its database."""


class StoredSession:
    """Opens, stores and closes the session of one record.

    :param record: ``tripletex.connection`` or ``tripletex.connection.setup``, as root.
        It has ``environment``, ``client_company_id``, ``session_token``,
        ``session_expires``, ``_is_copy()`` and ``_store_session(token, expires)``.
    """

    def __init__(self, record):
        self.record = record

    def client(self, key="", **kwargs):
        """Return the API client, which stores each session that it opens.

        The caller's next commit keeps the session.

        :param key: the API user key, which opens sessions; none is needed to close one
        :param kwargs: arguments of ``TripletexClient`` to use instead of the record's
        :raise AddressRefused: for an address that tokens may not be sent to
        :raise DatabaseCopied: in a copy of the record's database
        """
        record = self.record
        if record._is_copy():
            raise DatabaseCopied
        Connection = record.env["tripletex.connection"]
        settings = {
            "company_id": record.client_company_id or "0",
            "session_token": record.session_token or None,
            "session_expires": record.session_expires or None,
            "on_session": record._store_session,
        }
        return TripletexClient(
            Connection._base_url(record.environment),
            Connection._consumer_token(),
            key or "",
            **settings | kwargs,
        )

    def close(self):
        """End the stored session in Tripletex, and remove it from the record."""
        if not self.record.session_token:
            return
        try:
            with self.client(timeout=CLOSING_TIMEOUT) as client:
                close_session(client)
        except ValueError as error:  # an address or a company id that cannot be used
            _logger.info("A session could not be closed: %s", error)
        self.record.session_token = self.record.session_expires = False

    def close_after_commit(self, token, company_id):
        """End another session of this environment once the transaction is committed.

        :param token: the session
        :param company_id: Tripletex company that the session works in, as text
        """
        try:
            client = self.client(
                timeout=CLOSING_TIMEOUT,
                session_token=token,
                company_id=company_id or "0",
            )
        except ValueError as error:  # an address or a company id that cannot be used
            _logger.info("A session could not be closed: %s", error)
            return

        @self.record.env.cr.postcommit.add
        def close():
            with client:
                close_session(client)


def close_session(client):
    """End the session of ``client`` in Tripletex, where it has one.

    A failure is logged and not raised: the session ends by itself within two days.
    """
    try:
        client.close_session()
    except TripletexError as error:
        _logger.info("A session could not be closed: %s", error)

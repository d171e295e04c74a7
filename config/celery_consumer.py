"""A worker that outlives its broker."""

from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):
    """Lets go of the messages that were under way when the connection broke.

    Celery 5.7.0 with kombu 5.7.0 tries to give them back, and later to acknowledge them, over the
    connection that it has just lost. That raises AttributeError and ends the whole worker
    ("Unrecoverable error: 'NoneType' object has no attribute 'hostname'"). Nothing is lost by letting
    go: the messages stay in Redis, come again after the visibility time-out, and find their job
    done; and if Redis forgot them, the sweeper rings.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Forget what cannot be acknowledged any more; then reconnect as usual."""
        for request in tuple(state.reserved_requests):
            request.acknowledged = True
        transport = self.connection.transport if self.connection is not None else None
        for channel in tuple(getattr(transport, "channels", ())):
            channel.do_restore = False
        super().on_connection_error_after_connected(exc)

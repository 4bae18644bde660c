"""When the invoice of an order freezes: later changes become documents of their own (L3, step 1). Called by `want`."""

from datetime import datetime

from segxero.orders.order import Order
from segxero.orders.settings import OrderSettings


def find_freeze(order: Order, first_receipt: datetime | None, settings: OrderSettings) -> datetime:
    """Return the time after which a version no longer changes the invoice itself."""
    first = order.versions[0].at
    ends = [at for at in (first_receipt, order.cancelled_at) if at is not None]
    if order.refunds:
        ends.append(order.refunds[0].at)
    if settings.change_window == "month":
        ends.append(settings.end_month(first))
    # Browser and server tell an order within seconds, sometimes with its payment: nothing freezes before both have.
    earliest = first + settings.settle
    return max(min(ends), earliest) if ends else datetime.max.replace(tzinfo=first.tzinfo)

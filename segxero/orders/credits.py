"""How much a refund credits, and on which lines (L7). Called by `documents` for each refund in order of time."""

from segxero.errors import ParkedError
from segxero.orders.books import Question
from segxero.orders.facts import Refund
from segxero.orders.left import Left
from segxero.orders.settings import OrderSettings
from segxero.xero.taxes.credits import RESTOCKING, WantedCredit, WantedProduct
from segxero.xero.taxes.taxed import TaxedOrder


def credit_refund(refund: Refund, left: Left, settings: OrderSettings, number: str) -> TaxedOrder | Question:
    """Return the credit of *refund* on the rest of order *number*, or the question to a person."""
    kept = {name: fee for name in (RESTOCKING, "fee") if (fee := getattr(refund, name)) is not None}
    wanted = WantedCredit(
        order=number,
        currency=left.currency,
        products=tuple(
            WantedProduct(
                line_id=each.key,
                sku=each.sku,
                description=each.description,
                unit_amount=each.price,
                quantity=each.quantity,
            )
            for each in refund.products
        ),
        total=None if refund.amount is None else abs(refund.amount),
        shipping=refund.shipping,
        kept=kept,
        kept_accounts={RESTOCKING: settings.fee_account} if settings.fee_account else {},
    )
    if wanted.total is not None and wanted.total > left.total:
        # More than was sold is asked about with all the sums (L8).
        return TaxedOrder(lines=(), amount_types=left.amount_types, total=wanted.total)
    try:
        return left.read_credit(wanted)
    except ParkedError as error:
        return Question(
            kind=error.kind or "refund_unclear",
            sentence=str(error),
            amount=abs(refund.amount or left.total),
            currency=left.currency,
            data={"order": number, "fact": refund.message_id},
        )

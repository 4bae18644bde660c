"""Orders of the demo's shop: a basket becomes the properties of Segment's `Order Completed`, summed as a till does."""

from decimal import Decimal
from typing import Any

from segxero.demo.shop import CATALOGUE, NEW_YORK, NEW_YORK_TAX, Market, Person, Product, round_to_cents

NOTHING = Decimal("0.00")
FREE_SHIPPING_FROM = 3  # products in the basket
DISCOUNT = Decimal("0.10")


def fill_basket(number: int) -> list[tuple[Product, int]]:
    """Return the contents of the order *number*: up to four products, up to three of each."""
    size = 1 + number % 4
    chosen = [CATALOGUE[(number * 5 + place * 2) % len(CATALOGUE)] for place in range(size)]
    return [(product, 1 + (number + place) % 3) for place, product in enumerate(chosen)]


def write_properties(number: int, buyer: Person, channel: str) -> dict[str, Any]:
    """Return the properties of the order *number*; every fifth order has a discount."""
    market = buyer.market
    products = [_line(product, quantity, market) for product, quantity in fill_basket(number)]
    goods = sum((line["price"] * line["quantity"] for line in products), NOTHING)
    # Every fifth order, so that discounts meet all currencies.
    discount = round_to_cents(goods * DISCOUNT) if number % 5 == 0 else NOTHING
    shipping = NOTHING if len(products) >= FREE_SHIPPING_FROM else market.shipping
    tax = _tax(goods - discount, shipping, buyer)
    # Where prices contain the tax it is in the goods already.
    total = goods - discount + shipping + (NOTHING if market.tax_included else tax)
    return {
        "order_id": f"K-{1000 + number}",
        "affiliation": channel,
        "currency": market.currency,
        "subtotal": goods - discount,
        "shipping": shipping,
        "discount": discount,
        "tax": tax,
        "total": total,
        "email": buyer.email,
        "shipping_address": {"city": buyer.city, "country": buyer.country},
        "products": products,
    }


def _line(product: Product, quantity: int, market: Market) -> dict[str, Any]:
    return {
        "product_id": product.sku,
        "sku": product.sku,
        "name": product.name,
        "category": product.category,
        "price": round_to_cents(product.price * market.level),
        "quantity": quantity,
    }


def _tax(goods: Decimal, shipping: Decimal, buyer: Person) -> Decimal:
    market = buyer.market
    # New York taxes goods and leaves shipping alone.
    if buyer.city == NEW_YORK:
        return round_to_cents(goods * NEW_YORK_TAX)
    gross = goods + shipping
    if market.tax_included:
        return round_to_cents(gross - gross / (1 + market.tax))
    return round_to_cents(gross * market.tax)

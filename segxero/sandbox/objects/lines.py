"""Line items: the checks of account, tax type and tracking, and the arithmetic of amounts and tax.

Invoices and credit notes call it. A sentence without a source in Xero's pages is a stand-in and names the value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from segxero.sandbox.objects.invoice_fields import round_money
from segxero.sandbox.objects.stock import count_on_hand
from segxero.sandbox.objects.tracking import find_active_option, warn_of_removal
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

MAXIMUM_AMOUNT = Decimal("9999999999.99")
MAXIMUM_DESCRIPTION = 4_000
MAXIMUM_TRACKING = 2
ZERO = Decimal(0)
CONTROLLED = frozenset({"DEBTORS", "CREDITORS"})
_AMOUNTS = ("Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount")
_CLASS_FLAGS = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}


@dataclass(slots=True, kw_only=True)
class LineWork:
    """A pass over the lines of a document; it collects the faults and warnings.

    *own_tax* lets a line carry another tax than Xero's own: invoices and credit notes do, bank transactions do not.
    """

    request: Request
    kind: str
    types: str
    complete: bool
    own_tax: bool = True
    takes_debtors: bool = False
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def replace_lines(self, old: Sequence[Record], sent: Sequence[Record]) -> list[Record]:
        """Return the lines after an update: a known id updates its line, no id adds a line, a missing line goes."""
        known = {line["LineItemID"]: line for line in old}
        result = []
        for line in sent:
            identity = line.get("LineItemID")
            if identity in known:
                result.append(self.complete_line(_merged(known[identity], line)))
            # An unknown id on a new document has no meaning; on an old document it is another document's line.
            elif identity and old:
                self.faults.append(f"The LineItemID {identity} could not be found on this document.")
            else:
                result.append(self.complete_line({**line, "LineItemID": self.request.book.new_id()}))
        return result

    def complete_line(self, line: Record) -> Record:
        """Return *line* with its account, tax type, tracking, amounts and tax filled in and checked."""
        new = {**self._with_item(line), "Tracking": self._tracking(line.get("Tracking", ()))}
        if not new.get("Description") and self.complete:
            self.faults.append("Description must be specified for each line item.")
        if len(new.get("Description", "")) > MAXIMUM_DESCRIPTION:
            self.faults.append(
                f"The field Description must be a string with a maximum length of {MAXIMUM_DESCRIPTION}."
            )
        # A line with a description alone is a line of text.
        if not any(name in new for name in ("Quantity", "UnitAmount", "LineAmount")):
            return new
        self._settle_amounts(new)
        account = self._account(new)
        rate = self._rate(new, account)
        new["TaxAmount"] = self._take_tax(new, rate)
        return new

    def _take_tax(self, line: Record, rate: Decimal) -> Decimal:
        """Return the tax of *line* as it was sent, else as Xero computes it."""
        if self.types == "NoTax":
            return round_money(ZERO)
        computed = calculate_tax(line["LineAmount"], rate, inclusive=self.types == "Inclusive")
        sent = round_money(line.get("TaxAmount", computed))
        if sent != computed and not self.own_tax:
            self.faults.append(f"Tax amount {sent} is incorrect for {line['TaxType']} tax type, should be {computed}")
        return sent

    def _with_item(self, line: Record) -> Record:
        """Return *line* with the description, price, account and tax type of its item where it has none.

        The sentences are stand-ins. The stock must be there at once: `allowBackorders` is not known.
        """
        if not line.get("ItemCode"):
            return line
        item = self.request.book.items.find("code", line["ItemCode"])
        if item is None:
            self.faults.append(f"Item code '{line['ItemCode']}' is not valid.")
            return line
        sells = self.kind in {"ACCREC", "ACCRECCREDIT", "RECEIVE"}
        details = item["SalesDetails" if sells else "PurchaseDetails"]
        if self.complete and self.kind == "ACCREC" and item["IsTrackedAsInventory"]:
            left = count_on_hand(self.request.book, item["Code"], but=line.get("LineItemID", ""))
            if line.get("Quantity", 1) > left:
                self.faults.append(f"Item '{item['Code']}' has a quantity of {left} on hand.")
        known = {"Description": item.get("Description"), "UnitAmount": details.get("UnitPrice")}
        account = details.get("AccountCode") or (item["IsTrackedAsInventory"] and item["InventoryAssetAccountCode"])
        known |= {"AccountCode": account, "TaxType": details.get("TaxType")}
        return {**{name: value for name, value in known.items() if value}, **line}

    def _settle_amounts(self, line: Record) -> None:
        """Derive the third of quantity, unit amount and line amount, and check it when all three are given."""
        if ("DiscountRate" in line or "DiscountAmount" in line) and self.kind != "ACCREC":
            self.faults.append("Discounts can only be given on sales invoices and quotes.")
        total, quantity, unit = (line.get(name) for name in ("LineAmount", "Quantity", "UnitAmount"))
        factor = 1 - line.get("DiscountRate", ZERO) / 100
        off = line.get("DiscountAmount", ZERO)
        given = None not in {total, quantity, unit}
        # Two of the three amounts are enough; Xero works out the third.
        if unit is None:
            quantity = Decimal(1) if quantity is None else quantity
            unit = (total + off) / (quantity * factor) if total is not None and quantity * factor else ZERO
        unit = round_money(unit, self.request.unit_places)
        if quantity is None:
            quantity = (total + off) / (unit * factor) if total is not None and unit * factor else Decimal(1)
        expected = round_money(quantity * unit * factor - off)
        line |= {
            "Quantity": quantity,
            "UnitAmount": unit,
            "LineAmount": expected if total is None else round_money(total),
        }
        if given and line["LineAmount"] != expected:
            self.faults.append(f"The line total {line['LineAmount']} does not match the expected line total {expected}")
        if abs(line["LineAmount"]) > MAXIMUM_AMOUNT:
            self.faults.append(f"The line amount must not exceed {MAXIMUM_AMOUNT}.")

    def _account(self, line: Record) -> Record | None:
        accounts, code = self.request.book.accounts, line.get("AccountCode", "")
        account = accounts.get(line["AccountID"]) if "AccountID" in line and not code else accounts.find("code", code)
        # Xero posts to bank accounts, debtors and creditors itself and takes them on no line.
        is_closed = account is not None and (account["Type"] == "BANK" or account.get("SystemAccount") in CONTROLLED)
        is_closed = is_closed and not self.takes_debtors
        if account is None or account["Status"] != "ACTIVE" or is_closed:
            if code or "AccountID" in line:
                self.faults.append(f"Account code '{code or line['AccountID']}' is not a valid code for this document.")
            elif self.complete:
                self.faults.append("Account code or ID must be specified.")
            return None
        line |= {"AccountCode": account["Code"], "AccountID": account["AccountID"]}
        return account

    def _rate(self, line: Record, account: Record | None) -> Decimal:
        """Return the line's tax rate as a fraction; the tax type defaults to the account's."""
        if self.types == "NoTax":
            line["TaxType"] = "NONE"
        code = line.setdefault("TaxType", account["TaxType"] if account else "NONE")
        if code == "NONE" and self.request.book.country.swaps_none:
            # An Australian organisation has no NONE: Xero swaps it without a word (developer note of March 2013).
            is_expense = account is not None and account["Class"] == "EXPENSE"
            line["TaxType"] = code = "EXEMPTEXPENSES" if is_expense else "BASEXCLUDED"
        rate = self.request.book.tax_rates.get(code)
        if rate is None or rate["Status"] != "ACTIVE":
            self.faults.append(
                f"The TaxType code '{code}' does not exist or cannot be used for this type of transaction."
            )
            return ZERO
        # A rate for purchases fits no revenue account, and the other way round.
        if account and not rate[_CLASS_FLAGS[account["Class"]]]:
            self.faults.append(f"The TaxType code '{code}' cannot be used with account code '{account['Code']}'.")
        return Decimal(rate["EffectiveRate"]) / 100

    def _tracking(self, sent: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """Return the options of the line. An unknown option is a fault or, by choice, dropped with a warning."""
        if len(sent) > MAXIMUM_TRACKING:
            self.faults.append(f"A line item can have a maximum of {MAXIMUM_TRACKING} tracking categories.")
        found = []
        for wanted in sent:
            option = find_active_option(self.request.book.tracking, wanted)
            if option:
                found.append(option)
                continue
            category, name = wanted.get("Name", ""), wanted.get("Option", "")
            # Not established for Xero: the options of the sandbox decide.
            if self.request.world.tracking_unknown == "drop":
                self.warnings.append(warn_of_removal(category, name))
            else:
                self.faults.append(f"The tracking option '{category}: {name}' could not be found.")
        return found


def calculate_tax(amount: Decimal, rate: Decimal, *, inclusive: bool) -> Decimal:
    """Return the tax of a line, rounded to cents, with *rate* as a fraction."""
    return round_money(amount - amount / (1 + rate)) if inclusive else round_money(amount * rate)


def add_up(lines: Sequence[Record], types: str) -> dict[str, Decimal]:
    """Return the sums of a document: the tax is rounded per line and then summed."""
    amount = sum((line.get("LineAmount", ZERO) for line in lines), ZERO)
    tax = sum((line.get("TaxAmount", ZERO) for line in lines), ZERO)
    net = amount - tax if types == "Inclusive" else amount
    sums = {"SubTotal": round_money(net), "TotalTax": round_money(tax), "Total": round_money(net + tax)}
    discount = sum((_discount(line) for line in lines), ZERO)
    return sums | ({"TotalDiscount": round_money(discount)} if discount else {})


def _discount(line: Record) -> Decimal:
    if "DiscountRate" not in line and "DiscountAmount" not in line:
        return ZERO
    return Decimal(line["Quantity"] * line["UnitAmount"] - line["LineAmount"])


def _merged(old: Record, sent: Record) -> Record:
    """Return *old* overlaid with *sent*; amounts and tax of a changed value are worked out anew.

    A line keeps its tax type and tax when only its account changes.
    """
    new = {**old, **sent}
    if any(name in sent for name in _AMOUNTS) and "LineAmount" not in sent:
        new.pop("LineAmount", None)
    if any(name in sent and sent[name] != old.get(name) for name in (*_AMOUNTS, "TaxType")):
        new = {name: value for name, value in new.items() if name != "TaxAmount" or "TaxAmount" in sent}
    return new

"""The books of an organisation: its records, indexed by the keys that Xero looks them up by."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from dateutil.zoneinfo import get_zonefile_instance

from segxero.sandbox.countries.charts import make_accounts
from segxero.sandbox.countries.facts import find_country
from segxero.sandbox.countries.tax_rates import make_tax_rates
from segxero.sandbox.options import SandboxOptions
from segxero.sandbox.state import demo_company as demo
from segxero.sandbox.state.table import Record, Table


def _active_name(contact: Record) -> str | None:
    return contact["Name"] if contact["ContactStatus"] == "ACTIVE" else None


def _sales_number(invoice: Record) -> str | None:
    return invoice.get("InvoiceNumber") if invoice["Type"] == "ACCREC" else None


def _sales_credit_number(note: Record) -> str | None:
    return note.get("CreditNoteNumber") if note["Type"] == "ACCRECCREDIT" else None


class Book:
    """The records and settings of an organisation; *new_id* makes its uuids."""

    def __init__(self, options: SandboxOptions, name: str, tenant: str, new_id: Callable[[], str]) -> None:
        created = datetime.fromtimestamp(options.clock(), UTC)
        self.tenant = tenant
        self.connection = new_id()
        self.name = name
        self.created = created
        self.new_id = new_id
        code = options.countries.get(name, options.country)
        self.country = find_country(code)
        currency = options.base_currency or self.country.currency
        self.organisation = demo.make_organisation(
            name, code, currency, identity=new_id(), short_code="!Sbx01", created=created
        )
        self.period_lock_date: date | None = options.period_lock_date
        self.end_of_year_lock_date: date | None = None
        self.approvals_left: int | None = None  # sales invoices left in the plan; None = unlimited
        self.contacts = Table(
            number=lambda contact: contact.get("ContactNumber"),
            name=_active_name,
            account=lambda contact: contact.get("AccountNumber"),
            email=lambda contact: contact.get("EmailAddress"),
            any_name=lambda contact: contact["Name"],
        )
        self._open_documents()
        self.items = Table(code=lambda item: item["Code"])
        self.tracking = Table(name=lambda category: category["Name"])
        self.accounts = Table(code=lambda account: account.get("Code"), name=lambda account: account["Name"])
        self.tax_rates = {rate["TaxType"]: rate for rate in make_tax_rates(code, with_shop_rates=options.shop_rates)}
        self.currencies = demo.list_currencies(currency)
        self.history: dict[str, list[Record]] = {}
        self.contact_groups = Table(name=lambda group: group["Name"])
        self.attachments: dict[str, dict[str, Record]] = {}
        self.last_number = 0
        self.set_users(demo.USERS, created)
        self._open_accounts(currency, created)
        self._zone = get_zonefile_instance().get(self.country.zone) or UTC

    def _open_documents(self) -> None:
        self.invoices = Table(
            number=_sales_number,
            any_number=lambda invoice: invoice.get("InvoiceNumber"),
            reference=lambda invoice: invoice.get("Reference"),
            contact=lambda invoice: invoice["ContactID"],
        )
        self.credit_notes = Table(
            number=_sales_credit_number,
            any_number=lambda note: note.get("CreditNoteNumber"),
            reference=lambda note: note.get("Reference"),
        )
        self.payments = Table(reference=lambda payment: payment.get("Reference"))
        self.bank_transactions = Table(reference=lambda transaction: transaction.get("Reference"))
        self.overpayments = Table()

    def _open_accounts(self, currency: str, now: datetime) -> None:
        for account in make_accounts(self.country, currency):
            identity = self.new_id()
            self.accounts.put(identity, {"AccountID": identity} | account | {"UpdatedDateUTC": now})

    @property
    def base_currency(self) -> str:
        return str(self.organisation["BaseCurrency"])

    @property
    def can_approve(self) -> bool:
        return self.approvals_left is None or self.approvals_left > 0

    def count_approval(self) -> None:
        """Count an approval against the plan."""
        if self.approvals_left is not None:
            self.approvals_left -= 1

    def today(self, now: datetime) -> date:
        """Return the calendar day of *now* in the organisation's time zone."""
        return now.astimezone(self._zone).date()

    def next_number(self, prefix: str, table: Table) -> str:
        """Return the next free number, such as `INV-0001`, of the documents in *table*."""
        while True:
            # A number stays taken after its document is voided, so the search goes on to the next.
            self.last_number += 1
            number = f"{prefix}-{self.last_number:04d}"
            if table.find("number", number) is None:
                return number

    def set_currencies(self, codes: Iterable[str]) -> None:
        """Replace the currencies of the organisation; the base currency is always among them."""
        self.currencies = {code: demo.name_currency(code) for code in (self.base_currency, *codes)}

    def set_users(self, emails: Iterable[str], now: datetime) -> None:
        """Replace the people of the organisation; the first is its subscriber."""
        self.users = Table(email=lambda user: user["EmailAddress"])
        for user in demo.make_users(emails):
            identity = self.new_id()
            self.users.put(identity, {"UserID": identity} | user | {"UpdatedDateUTC": now})

"""An operator with a browser: from an empty Redis and a dead letter by sign-in, console and consent to the invoice."""

from urllib.parse import urlsplit

from selenium.webdriver.common.by import By

from segxero import jsontext, keys
from segxero.dead_letters import DeadLetter
from segxero.demo import LocalStack
from tests.support.browser import browser
from tests.support.shop_events import order
from tests.support.waiting import within

NAMES = ["Shop 01", "Shop 02", "Shop 03"]


def a_letter(organisation, number):
    event = {**order(number, "a user", at=1), "projectId": organisation}
    return DeadLetter(
        error="MappingError",
        message="the mappings had a fault",
        next_step="correct the mapping, then replay",
        queue="events",
        organisation=organisation,
        events=(jsontext.dumps(event),),
    )


def address(stack, path):
    return f"http://localhost:{urlsplit(stack.receiver_url).port}{path}"


def heading(chromium):
    return chromium.find_element(By.TAG_NAME, "h1").text


def said(chromium, style):
    return chromium.find_element(By.CLASS_NAME, style).text


def press(chromium, text):
    chromium.find_element(By.XPATH, f"//button[starts-with(normalize-space(), '{text}')]").click()


def follow(chromium, text):
    chromium.find_element(By.LINK_TEXT, text).click()


def give_password(chromium, password):
    chromium.find_element(By.ID, "password").send_keys(password)
    press(chromium, "Sign in")


def fits(chromium, pixels):
    """Show the page as on a screen that is *pixels* wide, and tell whether nothing hangs over."""
    size = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page = "document.documentElement"
    return chromium.execute_script(f"return {page}.scrollWidth <= {page}.clientWidth")


def signs_in(chromium, stack):
    chromium.get(address(stack, "/console"))
    assert heading(chromium) == "Sign in"
    give_password(chromium, "wrong")
    assert "This is not the password." in said(chromium, "alert")
    give_password(chromium, stack.password)
    assert heading(chromium) == "Console"
    assert fits(chromium, 320)


def replays(chromium, stack):
    press(chromium, "Replay 1")
    assert "1 of 1 dead letters are on their way again" in said(chromium, "done")
    assert within(30, lambda: stack.store.zcard(keys.outbox("Shop 02", "invoices")) == 1)


def traces(chromium, stack):
    follow(chromium, "To the console")
    chromium.find_element(By.ID, "name").send_keys("B-02")
    press(chromium, "Trace")
    assert (heading(chromium), chromium.current_url) == ("Trace", address(stack, "/console/trace"))
    assert chromium.find_element(By.TAG_NAME, "h2").text == "Invoice|B-02 (Shop 02)"


def connects(chromium):
    follow(chromium, "To the console")
    follow(chromium, "Connect organisations in Xero")
    assert "would like access to your organisations" in heading(chromium)
    for box in chromium.find_elements(By.NAME, "tenant"):
        box.click()
    chromium.find_element(By.ID, "allow").click()
    assert heading(chromium) == "Connected"
    assert [cell.text for cell in chromium.find_elements(By.TAG_NAME, "td")][::2] == NAMES


def comes_back_by_a_link(chromium, stack):
    press(chromium, "Sign out")
    assert heading(chromium) == "Sign in"
    chromium.get(address(stack, "/xero/connect"))
    give_password(chromium, stack.password)
    assert "would like access to your organisations" in heading(chromium)


def test_in_a_browser_from_an_empty_redis_to_the_invoice(tmp_path):
    with (
        browser(tmp_path / "chromium") as chromium,
        LocalStack(organisations=3, connected=False, directory=tmp_path / "stack") as stack,
    ):
        stack.wait_ready()
        stack.dead_letters.bury(a_letter("Shop 02", "B-02"))
        signs_in(chromium, stack)
        replays(chromium, stack)
        traces(chromium, stack)
        connects(chromium)
        comes_back_by_a_link(chromium, stack)
        assert [line for line in chromium.get_log("browser") if "Content Security Policy" in line["message"]] == []
        stack.settle()
        books = {name: [one["InvoiceNumber"] for one in stack.records(name)["Invoices"]] for name in NAMES}
        assert books == {"Shop 01": [], "Shop 02": ["B-02"], "Shop 03": []}

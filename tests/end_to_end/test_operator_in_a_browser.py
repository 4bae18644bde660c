"""An operator with a browser: from an empty Redis and a dead letter by sign-in, console and consent to the invoice."""

from urllib.parse import urlsplit

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.people.browser import browser
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import order

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


def sees(chromium, text, by=By.TAG_NAME, value="h1"):
    """Tell whether the page shows *text* there soon: a press may return before the next page is there."""
    wait = WebDriverWait(chromium, 10, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException])
    return wait.until(lambda page: text in page.find_element(by, value).text)


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
    assert sees(chromium, "Sign in")
    give_password(chromium, "wrong")
    assert sees(chromium, "Wrong password.", By.CLASS_NAME, "alert")
    give_password(chromium, stack.password)
    assert sees(chromium, "Console")
    assert fits(chromium, 320)


def replays(chromium, stack):
    press(chromium, "Try 1 again")
    assert sees(chromium, "1 of 1 dead letters were sent again", By.CLASS_NAME, "done")
    assert within(30, lambda: stack.store.exists(keys.record("Shop 02", "Invoice|B-02")))


def traces(chromium, stack):
    follow(chromium, "To the console")
    assert sees(chromium, "Console")
    chromium.find_element(By.ID, "name").send_keys("B-02")
    press(chromium, "Trace")
    assert sees(chromium, "Order|B-02 (Shop 02)", By.TAG_NAME, "h2")
    headings = [heading.text for heading in chromium.find_elements(By.TAG_NAME, "h2")]
    assert headings == ["Order|B-02 (Shop 02)", "Invoice|B-02 (Shop 02)"]
    assert chromium.current_url == address(stack, "/console/trace")


def connects(chromium):
    follow(chromium, "To the console")
    assert sees(chromium, "Console")
    follow(chromium, "Connect organisations in Xero")
    assert sees(chromium, "would like access to your organisations")
    for box in chromium.find_elements(By.NAME, "tenant"):
        box.click()
    chromium.find_element(By.ID, "allow").click()
    assert sees(chromium, "Connected")
    assert [cell.text for cell in chromium.find_elements(By.TAG_NAME, "td")][::2] == NAMES


def comes_back_by_a_link(chromium, stack):
    press(chromium, "Sign out")
    assert sees(chromium, "Sign in")
    chromium.get(address(stack, "/xero/connect"))
    give_password(chromium, stack.password)
    assert sees(chromium, "would like access to your organisations")


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

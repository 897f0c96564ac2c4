"""Two dispatchers and an administrator walk every job of the console on a whole installation, at a desk and on a phone.

Requests come in by the local carrier's phones and its word comes back; phones ring and texts go out as in service.
"""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pyotp
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from dispatch.clock import SystemClock
from dispatch.credentials import token_hash
from dispatch.people import PhoneNumber
from tests.console.conftest import PASSWORD
from tests.console.test_in_a_browser import no_fault
from tests.stories.desks import Desks, decide, downloaded, insist, row, signed
from tests.stories.installation import (
    DESK,
    HOTLINE,
    JEAN,
    MARIE,
    OFFICER,
    OTHER_OFFICER,
    ROSA,
    Installation,
)


def texts(town: Installation, number: str, words: str) -> None:
    """Somebody texts the hotline."""
    town.phones.do(number, "text", to=HOTLINE, body=words)


# -- 1: the live board -------------------------------------------------------------------------------------------------


def test_two_dispatchers_share_the_board_and_the_second_sees_what_changed(desks: Desks) -> None:
    town, dana, luis = desks.town, desks.dana, desks.luis
    desks.at_the_board(dana, luis)
    texts(town, OFFICER, "spanish at 5th & Main")
    for page in (dana, luis):
        expect(row(page, "Spanish")).to_contain_text("5th & Main")
        expect(row(page, "Spanish")).to_contain_text("101 Rosa Delgado: ringing")
        no_fault(page)
        row(page, "Spanish").get_by_role("button", name="Step in").click()
        expect(page.get_by_role("dialog")).to_contain_text("104 Luis Ordóñez")
        no_fault(page)

    # one rings another phone; the other, who decided on what was there before, is shown that first
    dana.get_by_role("button", name="Ring 104 Luis Ordóñez").click()
    expect(dana.get_by_role("dialog")).to_be_hidden()
    expect(luis.get_by_role("status").filter(has_text="changed while you look")).to_be_visible()
    language = luis.locator("form", has=luis.get_by_role("button", name="Set language"))
    language.get_by_role("combobox").select_option(label="Haitian Creole")
    luis.get_by_role("button", name="Set language").click()
    expect(luis.get_by_role("alert")).to_contain_text("changed while you were looking")
    expect(luis.locator(".changed")).to_contain_text("104 Luis Ordóñez was asked beside the others")
    expect(row(dana, "Spanish")).to_contain_text("104 Luis Ordóñez: ringing")
    luis.get_by_role("button", name="Close").click()

    # the language is another one: the wrong phones stop, the right one rings
    decide(luis, "Spanish", "Set language", {"Language": "Haitian Creole"})
    town.saw("ended", ROSA)
    expect(row(dana, "Haitian Creole")).to_contain_text("102 Jean-Robert Charles: ringing")
    expect(dana.locator("#roster tr", has_text="Jean-Robert")).to_contain_text("being rung")
    decide(dana, "Haitian Creole", "Send", {"Text message": "Stay where you are."})
    town.heard(OFFICER, "Stay where you are.")
    decide(luis, "Haitian Creole", "Send", {"To": "102 Jean-Robert Charles", "Text message": "Please pick up."})
    town.heard(JEAN, "Please pick up.")
    expect(luis.get_by_role("dialog")).to_be_hidden()


def test_one_takes_over_and_hands_to_a_vendor_the_other_cancels_and_calls_back(desks: Desks) -> None:
    town, dana, luis = desks.town, desks.dana, desks.luis
    desks.at_the_board(dana, luis)
    texts(town, OTHER_OFFICER, "korean")
    texts(town, OFFICER, "spanish")
    expect(row(luis, "Korean")).to_contain_text("nobody free")
    expect(row(dana, "Spanish")).to_contain_text("101 Rosa Delgado: ringing")

    # cancelled on the phone, opened from what has just ended at the desk, and called back from its page
    decide(luis, "Korean", "Cancel the request")
    expect(row(dana, "Korean")).to_have_count(0)
    dana.locator("#recent tr", has_text="Korean").first.get_by_role("link").click()
    dana.get_by_role("button", name="Call back").click()
    expect(dana.get_by_role("heading", name="Korean", level=1)).to_be_visible()
    expect(row(luis, "Korean")).to_be_visible()
    decide(luis, "Korean", "Hand to vendor", {"Line outside": "Acme, job 17"})
    expect(row(luis, "Korean")).to_have_count(0)
    expect(dana.locator(".timeline")).to_contain_text("Acme, job 17")
    no_fault(dana)

    # taken over by phone: the requester's phone and the desk's are brought together
    desks.at_the_board(dana)
    town.answers(OFFICER, DESK)
    decide(dana, "Spanish", "Take over by phone")
    expect(row(luis, "Spanish")).to_contain_text("with dana")
    room = town.saw("joined", OFFICER)["conference"]
    town.saw("joined", DESK, conference=room)
    decide(luis, "Spanish", "Cancel the request")
    expect(row(dana, "Spanish")).to_have_count(0)


# -- 2: a request's page -----------------------------------------------------------------------------------------------


def test_a_session_is_muted_held_and_ended_from_two_pages_by_the_carriers_word(desks: Desks) -> None:
    town, dana, luis = desks.town, desks.dana, desks.luis
    desks.at_the_board(dana)
    town.accepts(JEAN)
    town.phones.behave(MARIE, answers="busy")
    town.answers(OFFICER)
    texts(town, OFFICER, "haitian creole, interview")
    expect(row(dana, "Haitian Creole")).to_contain_text("talking", timeout=15_000)
    row(dana, "Haitian Creole").get_by_role("link", name="Details").click()
    luis.goto(dana.url)
    jean, officer = (luis.locator(".leg", has_text=name) for name in ("Jean-Robert", "Officer Dana Walsh"))
    at_the_desk = dana.locator(".leg", has_text="Jean-Robert")

    dana.get_by_role("button", name="Mute: 102 Jean-Robert Charles").click()
    for leg in (at_the_desk, jean):
        expect(leg).to_contain_text("muted")
    town.saw("mute", JEAN)
    town.phones.do(JEAN, "speak", sample="spanish")
    assert town.saw("not heard", JEAN)["why"] == "muted"
    jean.get_by_role("button", name="Unmute").click()
    town.saw("unmute", JEAN)
    for leg in (at_the_desk, jean):
        expect(leg).not_to_contain_text("muted")

    officer.get_by_role("button", name="Hold").click()
    expect(dana.locator(".leg.held")).to_contain_text("on hold, hears the announcement")
    town.heard(OFFICER, "You are on hold for a moment")
    for page in (dana, luis):
        no_fault(page)

    # what a hand is on does not change under it, and is refused with what changed
    dana.get_by_label("Text message").fill("Please hold")
    officer.get_by_role("button", name="Take off hold").click()
    town.saw("unhold", OFFICER)
    expect(dana.locator(".leg.held")).to_have_count(0)
    expect(dana.locator(".news")).to_contain_text("It changed while you look")
    assert dana.get_by_label("Text message").input_value() == "Please hold"
    dana.get_by_role("button", name="Send").click()
    expect(dana.get_by_role("alert")).to_contain_text("changed while you were looking")
    expect(dana.locator(".changed")).to_contain_text("is to be taken off hold")

    # whose number it is, why each was or was not rung, what happened, and a note for the next dispatcher
    expect(dana.locator("[data-live=facts] li", has_text="102 Jean-Robert Charles").first).to_contain_text("accepted")
    dana.get_by_role("button", name="Show number of the requester").click()
    expect(dana.locator(".facts")).to_contain_text(OFFICER)
    luis.get_by_label("Note", exact=True).fill("Father asks for the older dialect.")
    luis.get_by_role("button", name="Keep note").click()
    dana.reload()
    expect(dana.locator(".written")).to_contain_text("luis")
    expect(dana.locator(".written")).to_contain_text("Father asks for the older dialect.")

    # another interpreter is found inside the call, and the session ended
    town.accepts(MARIE)
    insist(dana, "Get another interpreter", dana.locator(".timeline", has_text="Another interpreter is wanted"))
    town.saw("joined", MARIE)
    town.saw("ended", JEAN)
    for page in (dana, luis):
        expect(page.locator(".leg", has_text="103 Marie-Ange Toussaint in the conference")).to_be_visible()
    insist(dana, "Remove Officer Dana Walsh", dana.get_by_role("heading", name="Completed"))
    town.saw("ended", MARIE)
    expect(luis.get_by_role("heading", name="Completed")).to_be_visible()
    expect(luis.locator(".timeline")).to_contain_text("102 Jean-Robert Charles is to be muted")
    expect(luis.locator(".timeline")).to_contain_text("Officer Dana Walsh (Unit 12) is on hold")


# -- 3: the roster -----------------------------------------------------------------------------------------------------

ROWS = (
    "code,name,phone,languages\n101,Rosa Lima,,spa:5; por:3\n900,محمد علي,+16175550190,Arabic:5\n901,Bad,12,spa\n"
    "902,Ana,+16175550192,Klingon\n"
)


def test_the_roster_is_searched_changed_imported_exported_and_every_revealed_number_is_written_down(
    desks: Desks,
) -> None:
    page = desks.amina
    page.goto("/console/roster")
    page.get_by_label("Find").fill("Creole")
    page.get_by_label("Tier").select_option("2")
    page.get_by_label("Certificate").select_option("certified")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Jean-Robert Charles")
    assert JEAN not in page.content()
    page.get_by_role("button", name="Show the number of Jean-Robert Charles").click()
    expect(page.locator("td.phone")).to_contain_text(JEAN)

    page.goto("/console/roster/new")
    page.get_by_label("Code").fill("910")
    page.get_by_label("Name", exact=True).fill("ሰላም ተስፋይ")
    page.get_by_role("textbox", name="Phone").fill("+1 617 555 0191")
    page.get_by_label("Language 1", exact=True).fill("Tigrinya")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_label("Find").fill("Tigrinya")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Change 910").click()
    page.get_by_label("Tier").select_option("1")
    no_fault(page)
    page.get_by_role("button", name="Save").last.click()
    page.goto("/console/roster/one/910")
    page.get_by_role("button", name="Take off the roster").click()

    page.goto("/console/roster/import")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    page.get_by_label("File").set_input_files(files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("tr.bad")).to_have_count(3)
    expect(page.locator("tr.bad").first).to_contain_text("phone")
    no_fault(page)
    with desks.town.store.reading() as tx:
        assert "900" not in {one.code for one in tx.roster()}, "nothing is written before it is agreed to"
    page.get_by_role("button", name=re.compile("Import 1 row, leave 3 out")).click()
    expect(page.get_by_role("heading", name="Roster")).to_be_visible()
    page.get_by_label("Status").select_option("have left")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody tr")).to_contain_text("ሰላም ተስፋይ")
    assert "محمد علي" in downloaded(page, page.get_by_role("button", name="Export CSV")).decode("utf-8-sig")
    sheet = load_workbook(BytesIO(downloaded(page, page.get_by_role("button", name="Export XLSX")))).active
    assert sheet is not None
    assert any("محمد علي" in str(cell) for line in sheet.iter_rows(values_only=True) for cell in line)

    page.goto("/console/audit")
    expect(page.get_by_role("status")).to_contain_text("The chain holds")
    log = page.locator("tbody")
    for done in ("interpreter 102", "interpreter 910", "exported"):
        expect(log).to_contain_text(done)
    no_fault(page)


def test_a_test_call_rings_the_phone_and_its_key_is_seen_at_once(desks: Desks) -> None:
    town, page = desks.town, desks.amina
    page.goto("/console/roster/one/101")
    page.get_by_role("button", name="Make a test call").click()
    expect(page.locator("#check-said")).to_have_text("The phone is ringing…")
    town.phones.do(ROSA, "answer")
    town.heard(ROSA, "test call")
    town.phones.do(ROSA, "press", digits="1")
    expect(page.locator("#check-said")).to_have_text("Key 1 was pressed.")
    no_fault(page)


# -- 4: coverage and arrivals ------------------------------------------------------------------------------------------


def test_what_nobody_could_take_shows_as_a_gap_and_a_draft_shift_says_what_it_would_save(desks: Desks) -> None:
    town, dana = desks.town, desks.dana
    desks.at_the_board(dana)
    texts(town, OTHER_OFFICER, "korean")
    decide(dana, "Korean", "Cancel the request")
    dana.goto("/console/coverage")
    expect(dana.locator("#language-kor > summary")).to_contain_text("requests a week missed")
    dana.locator("#what-if > summary").click()
    dana.get_by_label("Speaking").select_option("kor")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        dana.get_by_label(day, exact=True).check()
    dana.get_by_label("From", exact=True).fill("00:00")
    dana.get_by_label("To", exact=True).fill("23:30")
    expect(dana.locator("#map")).to_contain_text("fewer misses a week")  # no button was pressed
    no_fault(dana)


def test_an_arrival_is_planned_answered_by_text_and_briefed(desks: Desks) -> None:
    town, amina, luis = desks.town, desks.amina, desks.luis
    amina.goto("/console/arrivals/new")
    amina.get_by_label("What to call it").fill("bus from the south")
    starts = datetime.now() + timedelta(days=2)
    amina.get_by_label("When they come").fill(f"{starts:%Y-%m-%d}T12:00")
    amina.get_by_label("Hours that interpreters").fill("6")
    amina.get_by_label("How many people").fill("80")
    amina.get_by_label("Languages").fill("Haitian Creole")
    amina.get_by_label("Part of town").fill("the harbour")
    amina.get_by_label("Refugee liaison").fill("Ana Ruiz")
    amina.get_by_label("Their phone").fill("617 555 0140")
    amina.get_by_role("button", name="Plan it").click()
    luis.goto(amina.url)
    before = missed(luis)
    for name in ("102 Jean-Robert Charles", "103 Marie-Ange Toussaint"):
        amina.get_by_label(f"Ask {name}").check()
    amina.get_by_role("button", name="Invite by text").click()
    expect(amina.locator("#invited .chip")).to_have_text(["invited", "invited"])
    for number, name, word, heard in (
        (JEAN, "102 Jean-Robert Charles", "cant", "not down for"),
        (MARIE, "103 Marie-Ange Toussaint", "can", "count on you"),
    ):
        code = amina.locator("#invited tbody tr", has_text=name).locator("code").inner_text()
        assert "the harbour" in town.heard(number, f"Text CAN {code}")["body"]
        texts(town, number, f"{word} {code}")
        town.heard(number, heard)
    for page in (amina, luis):  # nobody reloads
        expect(page.locator("#invited")).to_contain_text("2 invited: 1 yes, 1 no, 0 silent")
        no_fault(page)
    assert missed(luis) < before
    amina.get_by_role("link", name="Brief for officers").click()
    expect(amina.get_by_role("img", name="QR code that opens a text")).to_be_visible()
    expect(amina.locator("main")).to_contain_text("Ana Ruiz")
    no_fault(amina)
    assert len(re.findall(rb"/Type\s*/Page\b", amina.pdf(format="Letter"))) == 1
    amina.go_back()
    amina.get_by_role("button", name="Call off").click()
    town.heard(MARIE, "not needed then any more")


def missed(page: Page) -> float:
    """Conversations that would find nobody, as the plan says now."""
    told = page.locator("#plan [role=status]").inner_text()
    return float(re.findall(r"([\d.]+) would find nobody", told)[0])


# -- 5 and 6: reports, ratings, tasks ----------------------------------------------------------------------------------


def test_a_session_is_rated_by_text_a_low_rating_is_one_dispatchers_task_and_the_report_counts_it(desks: Desks) -> None:
    town, dana, luis = desks.town, desks.dana, desks.luis
    desks.at_the_board(dana)
    town.accepts(MARIE)
    town.phones.behave(JEAN, answers="busy")
    town.answers(OTHER_OFFICER)
    texts(town, OTHER_OFFICER, "haitian creole")
    expect(row(dana, "Haitian Creole")).to_contain_text("talking")
    request_id = str(row(dana, "Haitian Creole").get_attribute("data-id"))
    town.phones.do(OTHER_OFFICER, "hang-up")
    expect(dana.locator("#recent tr").first).to_contain_text("completed")
    ask_now(town, request_id)
    town.heard(OTHER_OFFICER, "How was the interpreter?")
    texts(town, OTHER_OFFICER, "2 she could not hear him")
    town.heard(OTHER_OFFICER, "Thank you.")

    for page in (dana, luis):
        page.goto("/console/tasks")
        page.get_by_role("link", name=re.compile("Rated 2 of 5")).first.click()
        expect(page.locator(".quoted")).to_have_text("she could not hear him")
    dana.get_by_role("button", name="Assign").click()
    expect(dana.locator(".facts")).to_contain_text("dana")
    luis.get_by_role("button", name="Assign").click()
    expect(luis.get_by_role("alert")).to_contain_text("Meanwhile dana has it")
    no_fault(luis)
    dana.get_by_label("Stop asking interpreter 103").select_option("custodial")
    dana.get_by_role("button", name="Stop asking").click()
    expect(dana.locator(".facts")).to_contain_text("for custodial encounters")
    dana.get_by_role("button", name="Keep this pair apart").click()
    expect(dana.locator(".facts")).to_contain_text("Kept apart")
    dana.get_by_label("What was done").fill("Spoke with both.")
    dana.get_by_role("button", name="Close the task").click()
    expect(dana.get_by_role("heading", name="Closed: solved")).to_be_visible()
    expect(dana.locator("[data-open-tasks]")).to_be_hidden()

    for page in (desks.amina, luis):
        page.goto("/console/reports")
        expect(page.locator(".figures")).to_contain_text("Fill rate")
        no_fault(page)
    amina = desks.amina
    lines = downloaded(amina, amina.get_by_role("link", name="Download CSV of languages")).decode("utf-8-sig")
    assert "Haitian Creole" in lines
    assert downloaded(amina, amina.get_by_role("link", name="Download PDF")).startswith(b"%PDF-")
    amina.get_by_role("link", name="Month to publish").click()
    expect(amina.get_by_role("heading", name="Language access report")).to_be_visible()
    month = f"{SystemClock().now():%Y-%m}"
    amina.goto(f"/console/reports/month?month={month}")
    no_fault(amina)
    assert downloaded(amina, amina.get_by_role("link", name="Download PDF")).startswith(b"%PDF-")


def ask_now(town: Installation, request_id: str) -> None:
    """What is due a minute after the session is due now."""
    with town.store.transaction() as tx:
        officer = tx.requester_by_number(PhoneNumber(OTHER_OFFICER))
        assert officer is not None
        tx.put_off("ask", request_id, SystemClock().now())


# -- 7: accounts -------------------------------------------------------------------------------------------------------


def test_an_account_is_made_sets_its_second_factor_up_sees_what_its_role_may_and_is_locked(desks: Desks) -> None:
    amina, town = desks.amina, desks.town
    amina.goto("/console/accounts")
    amina.get_by_label("Name").fill("nadia")
    amina.get_by_label("Role").select_option("auditor")
    amina.get_by_label("First password").fill(PASSWORD)
    amina.get_by_role("button", name="Add", exact=True).click()
    expect(amina.locator("tbody tr", has_text="nadia")).to_contain_text("at the next sign-in")
    no_fault(amina)

    nadia = desks.visitor(viewport={"width": 390, "height": 844})
    nadia.goto("/console/sign-in")
    nadia.get_by_label("Name").fill("nadia")
    nadia.get_by_label("Password").fill(PASSWORD)
    nadia.get_by_role("button", name="Sign in").click()
    expect(nadia.get_by_role("img", name="QR code")).to_be_visible()
    no_fault(nadia)
    nadia.get_by_label("Code", exact=True).fill(pyotp.TOTP(nadia.locator(".secret").inner_text()).now())
    nadia.get_by_role("button", name="Go on").click()
    expect(nadia.locator(".codes li")).to_have_count(10)
    nadia.goto("/console/audit")
    expect(nadia.locator("tbody")).to_contain_text("account added")
    nadia.goto("/console/accounts")
    expect(nadia.get_by_role("heading", name="Not for your role")).to_be_visible()
    no_fault(nadia)
    nadia.goto("/console/")
    expect(nadia.get_by_role("button", name="Step in")).to_have_count(0)

    nobody_touches_it(town, nadia)
    nadia.goto("/console/audit")
    expect(nadia.get_by_role("heading", name="Locked")).to_be_visible()
    no_fault(nadia)
    nadia.get_by_label("Password of nadia").fill(PASSWORD)
    nadia.get_by_role("button", name="Unlock").click()
    expect(nadia.get_by_role("heading", name="Audit log")).to_be_visible()
    amina.get_by_role("button", name="Disable nadia").click()
    expect(amina.locator("tbody tr", has_text="nadia")).to_contain_text("disabled")
    nadia.goto("/console/audit")
    expect(nadia.get_by_role("heading", name="Sign in")).to_be_visible()
    signed(town.console.get("accounts"))


def nobody_touches_it(town: Installation, page: Page) -> None:
    """An hour goes by at that browser."""
    (cookie,) = page.context.cookies()
    with town.store.transaction() as tx:
        tx.touch_session(token_hash(str(cookie["value"])), SystemClock().now() - timedelta(hours=1))

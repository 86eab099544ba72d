"""The pages and the API of drawn architectures, over the whole application's database."""

import xml.etree.ElementTree as ET
from datetime import timedelta

from bongsu.accounts.model import SYSTEM
from bongsu.architectures import api, pages
from bongsu.intake import service as intake_service
from bongsu.intake import store as intake
from bongsu.intake.model import Report, SourceDraft
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.watch import service as checks
from bongsu.watch.board import Board
from bongsu.watch.drafts import read_check
from bongsu.watch.tables import check_state
from tests.infra.support import SMALL
from tests.people import alice_admin, app_with, charlie_viewer, client_of

PAGE = "/architectures/shop/production"
TAGS = ("architecture:shop", "environment:production", "part:web")


async def standing(database, state: str = "down") -> int:
    """A service of the part `web` whose check is in that state; an alarm of the part `orders`."""
    now = SYSTEM_CLOCK.now() - timedelta(minutes=5)
    async with database.write() as tx:
        await services.create(tx, SYSTEM, ServiceDraft(name="web", tags=TAGS), SYSTEM_CLOCK)
        draft = read_check({"http": "https://shop.example.com/"}, "home")
        made = await checks.register(tx, SYSTEM, "web", draft, SYSTEM_CLOCK)
        await tx.execute(check_state.insert().values(check_id=made.id, state=state, since=now))
        source, _ = await intake_service.create(
            tx, SYSTEM, SourceDraft(name="alarms"), SYSTEM_CLOCK
        )
        report = Report("arn:x", "shop-production-Orders-cpu", "orders: cpu", "down", now)
        await intake.put_report(tx, source.id, report)
        return made.id


def application(database):
    app = app_with(database, pages.router, api.router)
    app.state.board = Board(SYSTEM_CLOCK)
    return app


async def test_a_file_is_kept_once_and_its_parts_take_their_states(db):
    async with db() as database:
        alice, app = await alice_admin(database), application(database)
        check_id = await standing(database)
        async with await client_of(app, alice) as client:
            first = (await client.post("/api/v1/architectures", json={"text": SMALL})).json()
            again = (await client.post("/api/v1/architectures", json={"text": SMALL})).json()
            found = (await client.get("/api/v1/architectures/shop/production")).json()
            page = (await client.get(PAGE)).text

    assert (first["changed"], again["changed"], first["page"]) == (True, False, PAGE)
    assert (found["state"], found["parts"][0]["name"]) == ("down", "web")
    assert found["parts"][1] | {"signs": []} == {"name": "orders", "state": "degraded", "signs": []}
    drawing = ET.fromstring(
        page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns")) + 6]
    )
    space = "{http://www.w3.org/2000/svg}"
    links = {one[0].get("id"): one.get("href") for one in drawing.iter(f"{space}a")}
    assert links == {"part-web": f"/checks/{check_id}", "part-orders": "/intake"}
    assert "style=" not in page
    assert "2 parts are not well: web, orders." in page


async def test_the_list_says_what_its_page_says_by_alarms_too(db):
    async with db() as database:
        alice, app = await alice_admin(database), application(database)
        await standing(database, "up")
        async with await client_of(app, alice) as client:
            await client.post("/api/v1/architectures", json={"text": SMALL})
            one = (await client.get("/api/v1/architectures/shop/production")).json()
            listed = (await client.get("/-/architectures")).text

    assert one["state"] == "degraded"
    assert 'data-s="degraded"' in listed
    assert 'data-live="checks alarms services architectures"' in listed


async def test_a_loss_is_drawn_instead_of_how_it_stands(db):
    async with db() as database:
        alice, app = await alice_admin(database), application(database)
        async with await client_of(app, alice) as client:
            await client.post("/api/v1/architectures", json={"text": SMALL})
            page = (await client.get(f"{PAGE}?lose=zone:a")).text
            wrong = await client.get(f"{PAGE}?lose=zone:z")

    assert "If this were lost: Zone a." in page
    assert 'class="zone lost"' in page
    assert wrong.status_code == 422


async def test_a_wrong_file_is_refused_with_its_line_and_only_administrators_keep_one(db):
    async with db() as database:
        alice, app = await alice_admin(database), application(database)
        charlie = await charlie_viewer(database)
        wrong = SMALL.replace("main: {}", "main: {nonsense: 1}")
        async with await client_of(app, alice) as client:
            answer = await client.post("/api/v1/architectures", json={"text": wrong})
            missing = await client.post(
                "/api/v1/architectures", json={"text": SMALL, "environment": "trial"}
            )
            form = await client.post("/architectures", data={"text": wrong})
        async with await client_of(app, charlie) as client:
            refused = await client.post("/api/v1/architectures", json={"text": SMALL})
            nothing = await client.get(PAGE)

    assert answer.status_code == 422
    assert answer.json()["error"]["problems"][0]["line"] == 6
    assert missing.status_code == 200  # a file without environments is for any one of them
    assert (form.status_code, "nonsense" in form.text) == (422, True)
    assert (refused.status_code, nothing.status_code) == (403, 404)

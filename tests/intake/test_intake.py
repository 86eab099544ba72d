"""From a signed message to an event, a state and an incident: once, in order, from whom it was confirmed."""

from datetime import timedelta

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.events import log
from bongsu.incidents import store as incidents
from bongsu.intake import service, store
from bongsu.intake.model import SourceDraft
from bongsu.intake.outside import Outside
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Conflict, NotAllowed, NotFound, Unavailable
from bongsu.kit.settings import Settings
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.tell.model import Defaults
from tests.intake import signed
from tests.intake.signed import Aws

TYPE = "CloudWatch Alarm State Change"


class Place:
    """One source of a database, with AWS played."""

    def __init__(self, database) -> None:
        self.db, self.clock = database, ManualClock()
        self.aws = Aws(self.now)
        self.outside = Outside(self.aws)
        self.token = ""

    @property
    def now(self):
        return self.clock.now()

    async def open(self) -> "Place":
        async with self.db.write() as tx:
            draft = SourceDraft(name="alarms")
            _, self.token = await service.create(tx, SYSTEM, draft, self.clock)
        return self

    async def send(self, body: bytes) -> bool:
        return await service.accept(
            self.db, self.outside, "cloudwatch", self.token, body, self.clock
        )

    async def alarm(self, number: str, state: str, before: str, at=None) -> bool:
        said = signed.alarm(at or self.now, state, before)
        return await self.send(signed.message(self.now, MessageId=number, Message=said))

    async def events(self) -> list:
        async with self.db.read() as tx:
            return [e for e in await log.read_after(tx, 0, 100) if e.type != "intake.created"]

    async def source(self):
        async with self.db.read() as tx:
            return await service.get(tx, "alarms")


async def test_it_confirms_itself_and_then_takes_each_message_once(db):
    async with db() as database:
        place = await Place(database).open()

        assert await place.send(signed.confirmation(place.now))
        assert await place.alarm("m-1", "ALARM", "OK")
        assert not await place.alarm("m-1", "ALARM", "OK")

        assert [e.type for e in await place.events()] == ["intake.subscribed", TYPE]
        assert place.aws.asked == [
            signed.URL,
            "https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&Token=abc",
        ]
        assert (await place.source()).sender == "123456789012"


async def test_nobody_is_believed_before_a_subscription_nor_another_account_after_it(db):
    async with db() as database:
        place = await Place(database).open()
        with pytest.raises(NotAllowed):
            await place.alarm("m-1", "ALARM", "OK")
        await place.send(signed.confirmation(place.now))
        other = signed.TOPIC.replace("123456789012", "999999999999")

        with pytest.raises(NotAllowed):
            body = signed.message(place.now, TopicArn=other, Message=signed.alarm(place.now))
            await place.send(body)

        assert [e.type for e in await place.events()] == ["intake.subscribed"]
        assert "999999999999" in str((await place.source()).last_refusal)


async def test_while_aws_is_away_nothing_is_kept_and_it_is_sent_again(db):
    async with db() as database:
        place = await Place(database).open()
        place.aws.status = 503
        with pytest.raises(Unavailable):
            await place.send(signed.confirmation(place.now))
        assert (await place.source()).sender is None
        place.aws.status = 200

        assert await place.send(signed.confirmation(place.now))


async def test_an_address_that_was_renewed_or_is_another_kinds_leads_nowhere(db):
    async with db() as database:
        place = await Place(database).open()
        async with database.write() as tx:
            await service.renew(tx, SYSTEM, "alarms", place.clock)

        with pytest.raises(NotFound):
            await place.send(signed.confirmation(place.now))
        async with database.write() as tx:
            with pytest.raises(Conflict):
                await service.create(tx, SYSTEM, SourceDraft(name="alarms"), place.clock)


async def test_an_alarm_opens_an_incident_of_its_service_and_ends_it(db):
    async with db() as database:
        place = await Place(database).open()
        await place.send(signed.confirmation(place.now))
        async with database.write() as tx:
            await install_builtin(tx, place.clock)
            tags = ("architecture:shop", "environment:production", "part:orders")
            draft = ServiceDraft(name="shop-production-orders", title="orders", tags=tags)
            made = await services.create(tx, SYSTEM, draft, place.clock)
        follower = RuleFollower(database, Defaults.of(Settings()), place.clock).follower

        await place.alarm("m-1", "ALARM", "OK")
        while await follower.step():
            pass
        async with database.write() as tx:  # it locks what it finds
            opened = await incidents.open_by_key(tx, signed.ARN)
        place.clock.advance(60)
        await place.alarm("m-2", "OK", "ALARM")
        while await follower.step():
            pass
        async with database.write() as tx:
            ended = await incidents.open_by_key(tx, signed.ARN)

        assert opened.service_id == made.id
        assert str(opened.title) == "orders: cpu is raised"
        assert (opened.audience, ended) == (("owners",), None)


async def test_news_that_is_overtaken_moves_no_state(db):
    async with db() as database:
        place = await Place(database).open()
        await place.send(signed.confirmation(place.now))
        await place.alarm("m-2", "OK", "ALARM")

        await place.alarm("m-1", "ALARM", "OK", place.now - timedelta(minutes=5))

        async with database.read() as tx:
            [report] = await store.reports(tx, "shop-production-")
        late = (await place.events())[-1]
        assert (report.state, late.data["late"], "after" in late.data) == ("up", True, False)

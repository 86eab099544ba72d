import asyncio
import contextlib
import ssl
import sys

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from bongsu.deliver.channels import mail as channel
from bongsu.deliver.mail_server import MailFolder, MailServer, parse_mail_url
from bongsu.deliver.model import DeliveryError
from bongsu.deliver.smtp import stuffed
from bongsu.kit.errors import Invalid
from tests.deliver.support import Mailbox, context, message, smtp_server, until

TO = channel.Options(to=("kim@example.com",))
LOGIN = "user%40x:hunter%202%40%3A"  # password: "hunter 2@:"


async def send(
    port: int, query: str = "", options=TO, login: str = "", scheme: str = "smtp", **values
):
    at = f"{login}@" if login else ""
    ctx = context(f"{scheme}://{at}localhost:{port}?from=bongsu@example.com{query}")
    try:
        return await channel.send(options, message(**values), ctx)
    finally:
        await ctx.mail.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return ca, path


def server_tls(ca: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(name).configure_cert(tls)
    return tls


async def test_a_mail_is_taken_and_the_servers_words_are_the_receipt():
    box = Mailbox()
    async with smtp_server(box) as port:
        receipt = await send(port)

    assert "Queued as 4711" == receipt.text
    assert "[INC-12] Shop is down" == box.parsed()[0]["Subject"]


async def test_starttls_and_login_work_and_the_password_may_hold_any_character(authority):
    ca, ca_file = authority
    box = Mailbox()
    options = {"tls_context": server_tls(ca), "require_starttls": True, "auth_required": True}
    async with smtp_server(box, authenticator=box.authenticate, **options) as port:
        await send(port, f"&cafile={ca_file}", login=LOGIN)

    assert ["PLAIN user@x"] == box.logins
    assert 1 == len(box.mails)


async def test_login_is_used_where_plain_is_not_offered(authority):
    ca, ca_file = authority
    box = Mailbox()
    options = {"tls_context": server_tls(ca), "auth_exclude_mechanism": ["PLAIN"]}
    async with smtp_server(box, authenticator=box.authenticate, **options) as port:
        await send(port, f"&cafile={ca_file}", login=LOGIN)

    assert ["LOGIN user@x"] == box.logins


async def test_tls_from_the_first_byte(authority):
    ca, ca_file = authority
    box = Mailbox()
    async with smtp_server(box, ssl_context=server_tls(ca)) as port:
        await send(port, f"&cafile={ca_file}", scheme="smtps")

    assert 1 == len(box.mails)


async def test_a_certificate_that_is_not_trusted_ends_the_conversation_before_the_password(
    authority,
):
    ca, _ = authority
    box = Mailbox()
    async with smtp_server(box, authenticator=box.authenticate, tls_context=server_tls(ca)) as port:
        with pytest.raises(DeliveryError, match="TLS cannot be trusted") as caught:
            await send(port, login=LOGIN)

    assert not caught.value.permanent
    assert [] == box.logins


async def test_a_password_never_goes_out_in_clear(authority):
    box = Mailbox()
    async with smtp_server(box, authenticator=box.authenticate, auth_require_tls=False) as port:
        with pytest.raises(DeliveryError, match="offers no STARTTLS"):
            await send(port, login=LOGIN)

        await send(port, "&starttls=none", login=LOGIN)  # unless the operator said so

    assert ["PLAIN user@x"] == box.logins


async def test_a_wrong_password_is_no_fault_of_the_mail_and_is_tried_again(authority):
    ca, ca_file = authority
    box = Mailbox()
    async with smtp_server(box, authenticator=box.authenticate, tls_context=server_tls(ca)) as port:
        with pytest.raises(DeliveryError, match="535") as caught:
            await send(port, f"&cafile={ca_file}", login="user:wrong")

    assert not caught.value.permanent
    assert "wrong" not in str(caught.value)


async def test_a_recipient_that_does_not_exist_is_permanent_and_a_full_mailbox_is_not():
    box = Mailbox(rcpt_answers={"kim@example.com": "550 5.1.1 no such user"})
    async with smtp_server(box) as port:
        with pytest.raises(DeliveryError, match="answered 550") as gone:
            await send(port)
        box.rcpt_answers = {"kim@example.com": "452 4.2.2 mailbox full"}
        with pytest.raises(DeliveryError, match="452") as full:
            await send(port)

    assert (True, False) == (gone.value.permanent, full.value.permanent)


async def test_of_several_recipients_the_accepted_ones_get_it_and_the_refused_are_named():
    box = Mailbox(rcpt_answers={"no@example.com": "550 no such user"})
    async with smtp_server(box) as port:
        receipt = await send(
            port, options=channel.Options(to=("no@example.com", "yes@example.com"))
        )

    assert [["yes@example.com"]] == box.recipients
    assert "refused: no@example.com (550 no such user)" in receipt.text


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("421 4.3.2 closing", False), ("451 try later", False), ("554 looks like spam", True)],
)
async def test_what_the_server_says_after_the_data_decides(answer, permanent):
    box = Mailbox(data_answers=[answer])
    async with smtp_server(box) as port:
        with pytest.raises(DeliveryError, match=answer[:3]) as caught:
            await send(port)

    assert permanent is caught.value.permanent


async def test_a_refused_sender_is_our_setting_not_this_mail():
    box = Mailbox(mail_answer="550 sender unknown")
    async with smtp_server(box) as port:
        with pytest.raises(DeliveryError, match="550") as caught:
            await send(port)

    assert not caught.value.permanent


async def test_nobody_listening_and_nobody_speaking_smtp_are_said_in_words(free_port):
    with pytest.raises(DeliveryError, match="cannot be reached") as nobody:
        await send(free_port)

    async def not_smtp(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(not_smtp, "127.0.0.1", 0)
    async with server:
        with pytest.raises(DeliveryError, match="does not speak SMTP"):
            await send(server.sockets[0].getsockname()[1])

    assert not nobody.value.permanent


@pytest.mark.parametrize("greeting", [b"220-" + b"x" * 9000 + b"\r\n", b"220-more\r\n" * 200, b""])
async def test_a_server_that_talks_without_end_or_not_at_all_is_left(greeting):
    async def talk(_reader, writer):
        with contextlib.suppress(ConnectionError):
            writer.write(greeting)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        with pytest.raises(DeliveryError, match="broke"):
            await send(server.sockets[0].getsockname()[1])


async def test_a_hanging_server_is_left_at_the_deadline_and_the_connection_is_dropped():
    box = Mailbox(hang=True)
    async with smtp_server(box) as port:
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await send(port)
        assert asyncio.get_running_loop().time() - started < 5


async def test_a_burst_shares_connections_and_a_stale_one_is_replaced_silently():
    box = Mailbox()
    async with smtp_server(box) as port:
        ctx = context(f"smtp://127.0.0.1:{port}?from=bongsu@example.com")
        for number in range(20):
            await channel.send(TO, message(key=f"k{number}"), ctx)
        assert 1 == box.connections
        kept = ctx.mail._pool._idle[0][0]  # the server forgets it
        kept.writer.transport.abort()
        await asyncio.sleep(0)

        await channel.send(TO, message(key="after"), ctx)
        await ctx.mail.close()

    assert (21, 2) == (len(box.mails), box.connections)


async def test_a_connection_goes_on_after_a_refused_recipient():
    box = Mailbox(rcpt_answers={"no@example.com": "550 no such user"})
    async with smtp_server(box) as port:
        ctx = context(f"smtp://127.0.0.1:{port}?from=bongsu@example.com")
        with pytest.raises(DeliveryError):
            await channel.send(channel.Options(to=("no@example.com",)), message(), ctx)
        await channel.send(TO, message(), ctx)
        await ctx.mail.close()

    assert (1, [["kim@example.com"]]) == (box.connections, box.recipients)


async def test_a_cut_after_the_data_is_not_repeated_by_the_pool():
    """The mail may have been taken: whether it goes out twice is the outbox's decision, with the same id."""
    box = Mailbox(cut_after_data=1)
    async with smtp_server(box) as port:
        with pytest.raises(DeliveryError, match="broke") as caught:
            await send(port)
        assert 1 == len(box.mails)

    assert not caught.value.permanent


async def test_lines_that_begin_with_dots_arrive_as_they_are():
    box = Mailbox()
    async with smtp_server(box) as port:
        await send(port, lead=".\n..\n.hidden", reasons=(".",))

    text = box.parsed()[0].get_body(("plain",)).get_content()
    assert [".", "..", ".hidden"] == text.splitlines()[:3]


@given(st.binary(max_size=300))
def test_stuffing_ends_only_at_the_end(body):
    wire = stuffed(body)

    assert wire.endswith(b".\r\n")
    assert b"\r\n.\r\n" not in wire[:-3]
    unstuffed = [
        line.removeprefix(b".") if line[:1] == b"." else line for line in wire.split(b"\r\n")
    ]
    plain = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert unstuffed[:-2] == (plain[:-1] if not plain[-1] else plain)


async def test_an_address_outside_ascii_needs_a_server_that_takes_it():
    box = Mailbox()
    async with smtp_server(box) as port:
        await send(port, options=channel.Options(to=("김@example.com",)))

    assert [["김@example.com"]] == box.recipients


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop")
def test_starttls_works_on_uvloop_too(authority):
    uvloop = pytest.importorskip("uvloop")
    ca, ca_file = authority
    box = Mailbox()

    async def conversation():
        async with smtp_server(
            box, authenticator=box.authenticate, tls_context=server_tls(ca)
        ) as port:
            await send(port, f"&cafile={ca_file}", login=LOGIN)
            await until(lambda: box.mails)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(conversation())

    assert ["PLAIN user@x"] == box.logins


# --- the address of the server


def test_a_mail_url_gives_server_or_folder():
    server = parse_mail_url("smtp://u:p%40@mail.example.com?from=a@example.com", "https://x.test")

    assert isinstance(server, MailServer)
    assert ("mail.example.com", 587, "required", "p@") == (
        server.host, server.port, server.starttls, server.password.reveal(),
    )  # fmt: skip
    assert "p@" not in repr(server)
    assert isinstance(parse_mail_url("folder:///tmp/x", "https://x.test"), MailFolder)


def test_without_login_starttls_is_taken_when_offered_and_the_sender_follows_the_public_name():
    server = parse_mail_url("smtp://relay", "https://status.example.com")

    assert ("opportunistic", 25, "bongsu@status.example.com") == (
        server.starttls, server.port, server.sender,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://mail", "must begin with"),
        ("smtp://", "must begin with"),
        ("smtp://h?starttls=maybe", "starttls is required, opportunistic or none, not maybe"),
        ("smtp://h?connections=0", "1 to 64, not 0"),
        ("smtp://h?colour=red", "option colour is unknown"),
        ("smtp://h?from=nobody", "nobody is not a mail address"),
        ("smtp://h:99999", "port"),
    ],
)
def test_a_wrong_mail_url_says_what_is_wrong(url, words):
    with pytest.raises(Invalid) as caught:
        parse_mail_url(url, "https://x.test")

    assert words in str(caught.value.problems[0].what)

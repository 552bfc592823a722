"""The server: where it listens, whom it answers, and what the page's own API does."""

import json

import aiohttp
import pytest
from aiohttp import ClientSession

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.server import NotLoopbackError


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])  # noqa: S104 - refused is the point
async def test_it_listens_on_this_computer_only(host: str) -> None:
    """Any other address is refused with a sentence."""
    with pytest.raises(NotLoopbackError, match="this computer only"):
        async with Sandbox.start(host=host):
            pass


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "http://127.0.0.1:1"}]
)
async def test_other_web_pages_are_kept_out(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """A foreign host name or origin gets a 403, so that no web page can drive the sandbox."""
    async with ClientSession() as session, session.get(sandbox.url, headers=headers) as answer:
        assert answer.status == 403


async def test_the_page_loads_nothing_from_elsewhere(sandbox: Sandbox) -> None:
    """The page and its parts are served with a policy that forbids foreign sources."""
    async with ClientSession() as session:
        for path in ("/", "/chat.css", "/chat.js", "/phone.js", "/message.js", "/acts.js", "/ask.js", "/sheets.js"):
            async with session.get(sandbox.url + path) as answer:
                assert answer.status == 200
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
                assert "//cdn" not in await answer.text()


async def test_people_act_over_http(sandbox: Sandbox, ani: Person) -> None:
    """A person is added and acts by the page's API, and a mistake is answered with a sentence."""
    async with ClientSession(sandbox.url) as session:
        async with session.post("/sandbox/people", json={"name": "Budi", "language": "en"}) as answer:
            budi = (await answer.json())["id"]
        for act, how, status in (
            ("start", {"payload": "desa"}, 200),
            ("say", {"text": "Halo"}, 200),
            ("say", {}, 400),
            ("say", {"text": " "}, 409),
            ("fly", {}, 404),
            ("press", {"message": 99, "row": 0, "column": 0}, 409),
            ("redeliver", {"update": 1}, 409),
        ):
            async with session.post(f"/sandbox/people/{budi}/{act}", json=how) as answer:
                assert answer.status == status, act
        async with session.post("/sandbox/people/1/say", json={"text": "x"}) as answer:
            assert answer.status == 404
        async with session.post("/sandbox/people", json={"name": " "}) as answer:
            assert answer.status == 400
        async with session.post("/sandbox/people", data="x") as answer:
            assert answer.status == 400
        async with session.get("/sandbox/chats") as answer:
            chats = {chat["id"]: [each["text"] for each in chat["messages"]] for chat in await answer.json()}
    assert chats == {ani.id: ["/start"], budi: ["/start desa", "Halo"]}


async def test_events_begin_with_everything_and_go_on_with_changes(sandbox: Sandbox, ani: Person) -> None:
    """The stream shows all chats first, then only what changed; a page that comes back continues."""
    async with ClientSession(sandbox.url) as session:
        async with session.get("/sandbox/events") as stream:
            _, first = await _event(stream)
            assert [each["name"] for each in first["chats"]] == ["Ani"]
            await ani.says("Halo")
            number, second = await _event(stream)
            assert [each["text"] for each in second["chats"][0]["messages"]] == ["Halo"]
        await ani.says("lagi")
        async with session.get("/sandbox/events", headers={"Last-Event-ID": number}) as stream:
            _, third = await _event(stream)
            assert [each["text"] for each in third["chats"][0]["messages"]] == ["lagi"]


async def test_uploads_come_back_as_downloads(sandbox: Sandbox, ani: Person) -> None:
    """A document is only ever downloaded, never shown as a page of this address."""
    async with ClientSession(sandbox.url) as session:
        html, headers = b"<script>", {"Content-Type": "text/html"}
        path = f"/sandbox/people/{ani.id}/upload?kind=document&name=a.html"
        async with session.post(path, data=html, headers=headers) as answer:
            assert answer.status == 200
        file_id = sandbox.world.chats[ani.id].messages[2].content["document"]["file_id"]
        async with session.get(f"/sandbox/files/{file_id}") as answer:
            assert answer.headers["Content-Disposition"] == "attachment"
            assert (answer.content_type, await answer.read()) == ("application/octet-stream", html)
        async with session.get("/sandbox/files/none") as answer:
            assert answer.status == 404
        async with session.get(f"/file/bot{sandbox.token}/documents/none.txt") as answer:
            assert answer.status == 404
        async with session.get("/file/bot1:x/documents/none.txt") as answer:
            assert answer.status == 401


async def _event(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, list[dict[str, list[dict[str, str]]]]]]:
    number = (await stream.content.readline()).decode().removeprefix("id: ").strip()
    data = (await stream.content.readline()).decode().removeprefix("data: ")
    await stream.content.readline()
    return number, json.loads(data)

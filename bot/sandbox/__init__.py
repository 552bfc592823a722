"""An imitation of the Telegram Bot API on this computer: the demo, and the test double at the wire.

`world` holds who said what, `api` answers the bot, `acts` is what people do, `server` puts both on a loopback port,
`client` is a test client that reads like a chat, and `page/` is the chat page. Only the behaviour a bot in private
chats can meet is imitated; what is chosen rather than known about Telegram says so where it is chosen.
"""

// One message as DOM nodes. User data only ever becomes text nodes and checked attributes.

const CLOCK = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit" });
const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", text_link: "a", spoiler: "button",
};
const LINK = /(?:https?:\/\/|t\.me\/)[^\s<>"']+[^\s<>"'.,;:!?)]|(?<![\w/.<])\/[a-z]\w{0,31}(?![\w/])/g;

/** A new element with properties, classes and children. */
export function make(tag, { className = "", ...properties } = {}, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  Object.assign(node, properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon from the page's symbols, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** The whole message: bubble, time, inline buttons. Presses carry data-row and data-column, links their address. */
export function render(message, chat) {
  const own = message.sender === "user";
  const bubble = make("div", { className: "bubble" },
    make("span", { className: "unseen", textContent: own ? `${chat.name}: ` : "Bot: " }),
    ...media(message),
    words(message, chat.language),
    make("span", { className: "when" }, meta(message, chat.language)));
  bubble.dir = "auto";
  const node = make("div", { className: `message ${message.sender}` }, bubble);
  node.dataset.id = message.message_id;
  if (message.edit_date) node.classList.add("edited");
  if (message.sticker || (message.photo && !message.caption)) bubble.classList.add("bare");
  if (own && message.text && !message.forward_origin) bubble.append(editButton(message));
  if (message.reply_markup) node.append(buttons(message.reply_markup.inline_keyboard));
  return node;
}

/** Text with its entities (offsets in UTF-16 units, as JavaScript counts) as nodes. */
export function rich(text, entities = []) {
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, entities);
  return fragment;
}

function fill(parent, text, from, to, entities) {
  let at = from;
  entities.forEach((entity, index) => {
    if (entity.offset < at || !(entity.type in TAGS)) return;
    const end = entity.offset + entity.length;
    parent.append(...plain(text.slice(at, entity.offset)));
    const node = styled(entity, text.slice(entity.offset, end));
    fill(node, text, entity.offset, end, entities.slice(index + 1).filter((inner) => inner.offset + inner.length <= end));
    parent.append(node);
    at = end;
  });
  parent.append(...plain(text.slice(at, to)));
}

function styled(entity, inside) {
  if (entity.type === "text_link") return link(entity.url || inside);
  const node = make(TAGS[entity.type]);
  if (entity.type === "spoiler") {
    node.type = "button";
    node.className = "spoiler";
    node.title = "Tampilkan teks tersembunyi";
  }
  if (entity.type === "expandable_blockquote") {
    node.className = "expandable";
    node.tabIndex = 0;
    node.title = "Tampilkan semuanya";
  }
  return node;
}

function plain(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    nodes.push(text.slice(at, found.index));
    nodes.push(Object.assign(found[0].startsWith("/") ? command(found[0]) : link(found[0]), { textContent: found[0] }));
    at = found.index + found[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

/** A command in a text is sent by a click, as in Telegram's apps. */
function command(text) {
  const button = make("button", { type: "button", className: "command" });
  button.dataset.say = text;
  return button;
}

function link(address) {
  const url = safe(address);
  const anchor = make("a");
  if (url) Object.assign(anchor, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return anchor;
}

/** An http, https or tg address, else null: nothing else may become a link. */
export function safe(address) {
  try {
    const url = new URL(address.startsWith("t.me/") ? `https://${address}` : address);
    return ["http:", "https:", "tg:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function words(message) {
  let text = message.text ?? message.caption;
  if (!text) return null;
  if (message.sender === "user" && text.startsWith("/start ")) text = "/start"; // apps hide what a link carries
  return make("div", { className: "words" }, rich(text, message.entities ?? message.caption_entities));
}

function meta(message, language) {
  const edited = message.edit_date ? (language.startsWith("en") ? "edited " : "diubah ") : "";
  return `${edited}${CLOCK.format(new Date(message.date * 1000))}`;
}

function editButton(message) {
  const button = make("button", { type: "button", className: "icon pencil" },
    icon("edit"), make("span", { className: "unseen", textContent: `Ubah pesan: ${message.text.slice(0, 40)}` }));
  button.dataset.edit = message.message_id;
  return button;
}

function buttons(rows) {
  return make("div", { className: "inline" }, ...rows.map((row, r) =>
    make("div", { className: "row" }, ...row.map((button, c) => inlineButton(button, r, c)))));
}

function inlineButton(button, row, column) {
  if (button.url) {
    const anchor = link(button.url);
    anchor.className = "press";
    anchor.append(button.text, icon("out"));
    return anchor;
  }
  const node = make("button", { type: "button", className: "press" }, ...breakable(button.text));
  Object.assign(node.dataset, { row, column });
  return node;
}

/** The label's parts, so that it wraps after a slash rather than inside a word. */
function breakable(label) {
  return label.split(/(?<=\/)/).flatMap((part, index) => (index ? [make("wbr"), part] : [part]));
}

function* media(message) {
  if (message.forward_origin) {
    yield make("p", { className: "origin", textContent: `Diteruskan dari ${message.forward_origin.sender_user_name}` });
  }
  if (message.photo) yield photo(message);
  if (message.document) yield file(message.document);
  if (message.sticker) yield make("span", { className: "sticker", role: "img", ariaLabel: "Stiker", textContent: message.sticker.emoji });
  if (message.voice) yield card("voice", "Pesan suara", `${message.voice.duration} detik`);
  if (message.location) {
    const { latitude, longitude } = message.location;
    yield card("pin", "Lokasi", `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`);
  }
  if (message.contact) yield card("person", message.contact.first_name, `+${message.contact.phone_number.replace(/^\+/, "")}`);
}

function photo(message) {
  const size = message.photo.at(-1);
  const picture = make("img", { src: address(size), width: size.width, height: size.height, loading: "lazy" });
  picture.alt = message.caption ? "Gambar dengan keterangan di bawahnya" : "Gambar";
  return make("a", { className: "photo", href: address(size), target: "_blank", rel: "noopener" }, picture);
}

function file(document) {
  const node = card("file", document.file_name, bytes(document.file_size), "a");
  return Object.assign(node, { href: address(document), download: document.file_name });
}

function card(symbol, title, detail, tag = "div") {
  return make(tag, { className: "card" }, make("span", { className: "round" }, icon(symbol)),
    make("span", {}, make("strong", { textContent: title }), make("small", { textContent: detail })));
}

function address(file) {
  return `/sandbox/files/${encodeURIComponent(file.file_id)}`;
}

function bytes(size) {
  return size < 1024 ? `${size} B` : size < 1024 ** 2 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 ** 2).toFixed(1)} MB`;
}

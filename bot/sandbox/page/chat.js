// The page: follows the world by server-sent events, and gives every person a phone.

import { ask } from "./ask.js";
import { make } from "./message.js";
import { Phone } from "./phone.js";

const LANGUAGES = [["id", "Indonesia"], ["jv", "Jawa"], ["en", "English"]];
const phones = new Map();
const tabs = document.getElementById("tabs");
let boot = null;

function follow() {
  const events = new EventSource("/sandbox/events");
  events.onopen = () => { document.getElementById("offline").hidden = true; };
  events.onerror = () => { document.getElementById("offline").hidden = false; };
  events.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    if (boot && boot !== news.boot) location.reload();
    boot = news.boot;
    news.chats.forEach((chat) => show(chat, news.bot));
    document.getElementById("nobody").hidden = phones.size > 0;
  };
}

function show(chat, bot) {
  if (!phones.has(chat.id)) addPhone(chat);
  const phone = phones.get(chat.id);
  const heard = phone.update(chat, bot);
  if (heard && phone.tab.getAttribute("aria-current") !== "true") phone.tab.classList.add("news");
}

function addPhone(chat) {
  const phone = new Phone(chat.id, () => [...phones.values()]);
  phone.tab = make("button", { type: "button", textContent: chat.name });
  phone.tab.addEventListener("click", () => select(phone));
  phone.node.addEventListener("focusin", () => mark(phone));
  phones.set(chat.id, phone);
  tabs.append(phone.tab);
  document.getElementById("phones").append(phone.node);
  if (phones.size === 1) select(phone);
}

/** Say whose phone is in hand. */
function mark(chosen) {
  for (const phone of phones.values()) {
    phone.tab.setAttribute("aria-current", String(phone === chosen));
    phone.node.classList.toggle("current", phone === chosen);
  }
  chosen.tab.classList.remove("news");
}

function select(chosen) {
  mark(chosen);
  chosen.tab.scrollIntoView({ inline: "nearest", block: "nearest" });
  chosen.node.scrollIntoView({ inline: "nearest", block: "nearest" });
  chosen.toBottom();
}

async function addPerson() {
  const answer = await ask({
    title: "Tambah orang",
    text: "Orang karangan dengan telepon sendiri.",
    fields: [
      ["name", "Nama", { required: true, maxLength: 40, autocomplete: "off" }],
      ["language", "Bahasa Telegram", { options: LANGUAGES }],
    ],
    choices: [["add", "Tambah"], ["", "Batal"]],
  });
  if (!answer?.name?.trim()) return;
  const made = await fetch("/sandbox/people", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: answer.name, language: answer.language }),
  });
  const chat = await made.json();
  if (!phones.has(chat.id)) addPhone(chat);
  select(phones.get(chat.id));
  phones.get(chat.id).greet();
}

function theme() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const reflect = () => button.setAttribute("aria-pressed", String(dark()));
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    reflect();
  });
  system.addEventListener("change", reflect);
  reflect();
}

document.getElementById("add").addEventListener("click", addPerson);
theme();
follow();

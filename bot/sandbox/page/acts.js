// What a phone's menus offer: sending things other than text, opening links, blocking.

import { ask } from "./ask.js";
import { make } from "./message.js";

/** The attach menu: [label, action]. */
export function attachments(phone) {
  return [
    ...Object.entries(phone.chat.papers).map(([title, text]) => [text.includes("\n") ? title : `${title}: ${text}`, () => phone.write(text)]),
    ["Foto contoh", () => phone.post("upload?kind=photo", "", "image/png")],
    ["Foto dari berkas…", () => choose(phone, "photo", "image/*")],
    ["Dokumen…", () => choose(phone, "document", "")],
    ["Stiker 👍", () => phone.act("sticker", {})],
    ["Pesan suara", () => phone.act("voice", {})],
    ["Lokasi", () => phone.act("location", {})],
    ["Kontak orang lain…", () => contact(phone)],
    ["Teks terusan…", () => forward(phone)],
  ];
}

/** The posters that can be scanned: [label, action]. */
export function scans(phone) {
  return Object.entries(phone.chat.posters).map(([title, payload]) => [title, () => phone.act("start", { payload })]);
}

/** The phone's own menu: [label, action]. */
export function more(phone) {
  return [
    ...scans(phone),
    ["Buka tautan t.me…", () => openLink(phone)],
    ["Kirim ulang pembaruan terakhir ke bot", () => phone.act("redeliver", {})],
    ["Blokir bot", () => phone.act("block", {})],
  ];
}

/** The start payload of a link to this bot ("" without one); null for any other address. */
export function startOf(address, bot) {
  const found = /^(?:https?:\/\/)?t\.me\/(\w+)\/?(?:\?(.*))?$/i.exec(address.trim());
  if (!found || found[1].toLowerCase() !== bot.username.toLowerCase()) return null;
  return new URLSearchParams(found[2]).get("start") ?? "";
}

/** Open a link to the bot, asked for or given: on this phone, or on another one, since an invitation is for somebody else. */
export async function openLink(phone, address) {
  const link = address ?? (await ask({
    title: "Buka tautan",
    text: `Tautan t.me/${phone.bot.username}?start=… atau hanya kodenya.`,
    fields: [["link", "Tautan atau kode", { required: true, autocomplete: "off" }]],
    choices: [["open", "Buka"], ["", "Batal"]],
  }))?.link;
  if (!link) return;
  const payload = startOf(link, phone.bot) ?? link.trim();
  const target = address ? await whose(phone) : phone;
  if (!target) return;
  target.tab.click();
  await target.act("start", { payload });
}

async function whose(phone) {
  const others = phone.everyone().filter((each) => each !== phone);
  if (!others.length) return phone;
  others.sort((one, other) => one.chat.started - other.chat.started); // a link is usually for somebody new
  const answer = await ask({
    title: "Buka tautan di telepon siapa?",
    choices: [...others, phone].map((each) => [String(each.id), each.chat.name]).concat([["", "Batal"]]),
  });
  return answer && phone.everyone().find((each) => String(each.id) === answer.choice);
}

function choose(phone, kind, accept) {
  const input = make("input", { type: "file", accept });
  input.addEventListener("change", () => {
    const file = input.files[0];
    const query = new URLSearchParams({ kind, name: file.name });
    phone.post(`upload?${query}`, file, file.type || "application/octet-stream");
  });
  input.click();
}

async function contact(phone) {
  const answer = await ask({
    title: "Kontak orang lain",
    text: "Seperti kontak dari buku telepon. Pakailah nomor karangan.",
    fields: [
      ["name", "Nama", { required: true, value: "Tetangga", autocomplete: "off" }],
      ["phone", "Nomor telepon", { required: true, type: "tel", value: "+628110009999", autocomplete: "off" }],
    ],
    choices: [["send", "Kirim"], ["", "Batal"]],
  });
  if (answer) await phone.act("contact", { name: answer.name, phone: answer.phone });
}

async function forward(phone) {
  const answer = await ask({
    title: "Teks terusan",
    text: "Teks yang ditulis orang lain, seperti dari grup.",
    fields: [["text", "Teks", { required: true, multiline: true }]],
    choices: [["send", "Teruskan"], ["", "Batal"]],
  });
  if (answer) await phone.act("forward", { text: answer.text });
}

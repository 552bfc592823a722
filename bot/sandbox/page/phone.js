// One person's phone: the chat, its keyboards, and everything its owner can do.

import { ask } from "./ask.js";
import { make, render, rich } from "./message.js";
import { attachments, more, openLink, scans, startOf } from "./acts.js";
import { Sheets } from "./sheets.js";

const TOAST = 4000; // milliseconds
const NEAR = 80; // pixels from the bottom that still count as reading the newest

/** `node` is its element; `update(chat, bot)` shows what changed; `everyone()` lists all phones. */
export class Phone {
  constructor(id, everyone) {
    this.id = id;
    this.everyone = everyone;
    this.chat = { name: "", language: "id" };
    this.messages = new Map();
    this.editing = null;
    this.waiting = false;
    this.greeting = false;
    this.near = true;
    this.node = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.log = this.find(".log");
    this.text = this.find("textarea");
    this.node.querySelector("h2").id = `owner-${id}`;
    this.node.setAttribute("aria-labelledby", `owner-${id}`);
    this.sheets = new Sheets(this.node);
    this.listen();
  }

  find(selector) { return this.node.querySelector(selector); }

  // what is shown

  update(chat, bot) {
    const first = !this.chat.id;
    this.chat = { ...chat, messages: null };
    this.bot = bot;
    this.label(bot);
    if (first) this.furnish();
    const stay = !first && !this.near;
    chat.messages.forEach((message) => this.place(message));
    this.showEmpty();
    this.showCommands();
    this.showKeyboard(chat.keyboard);
    this.showGates();
    if (this.greeting) this.greet();
    if (this.waiting && chat.started) this.text.focus();
    this.waiting = this.waiting && !chat.started;
    if (!first) chat.toasts.forEach((toast) => this.announce(toast));
    this.log.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    const said = chat.messages.some((message) => message.sender === "user" || message.sender === "bot");
    if (said && (!stay || chat.messages.some((message) => message.sender === "user" && !message.edit_date))) this.toBottom();
    return !first && chat.messages.some((message) => message.sender === "bot");
  }

  label(bot) {
    const { name, language, action } = this.chat;
    this.find(".name").textContent = name;
    this.find(".owner .avatar").textContent = name.replace(/^(Pak|Bu|Mbak|Mas)\s+/i, "").slice(0, 1).toUpperCase();
    this.find(".owner .avatar").dataset.hue = this.id % 5;
    this.find(".bot-name").textContent = bot.first_name;
    this.find(".status").textContent = action ? "sedang mengetik…" : `bot · @${bot.username}`;
    this.log.lang = language;
    this.log.setAttribute("aria-label", `Percakapan ${name}`);
    this.text.setAttribute("aria-label", `Pesan dari ${name}`);
  }

  furnish() {
    this.sheets.fill("attach", attachments(this));
    this.sheets.fill("more", more(this));
    this.find(".posters").replaceChildren(...scans(this).map(([label, run]) => {
      const button = make("button", { type: "button", className: "solid", textContent: label });
      button.addEventListener("click", () => { this.waiting = true; run(); });
      return button;
    }));
    if (scans(this).length) this.find("[data-do=start]").className = "quiet";
  }

  place(message) {
    const old = this.messages.get(message.message_id);
    if (message.deleted) {
      if (old?.node.contains(document.activeElement)) this.log.focus();
      old?.node.remove();
      this.messages.delete(message.message_id);
      return;
    }
    const node = render(message, this.chat);
    if (old) {
      const position = [...old.node.querySelectorAll(".press")].indexOf(document.activeElement);
      old.node.replaceWith(node);
      if (position >= 0) (node.querySelectorAll(".press")[position] ?? node.querySelector(".press") ?? this.log).focus();
    } else {
      node.classList.add("new");
      this.log.append(node);
    }
    this.messages.set(message.message_id, { node, message });
  }

  showEmpty() {
    this.find(".about")?.remove();
    if (this.messages.size || !this.chat.description) return;
    this.log.append(make("div", { className: "about" },
      make("strong", { textContent: "Apa yang bisa dilakukan bot ini?" }), make("p", {}, rich(this.chat.description))));
  }

  showCommands() {
    const { commands } = this.chat;
    const shape = JSON.stringify(commands);
    if (shape === this.known) return;
    this.known = shape;
    this.find("[data-sheet=commands]").hidden = !commands.length;
    this.sheets.fill("commands", commands.map(({ command, description }) => [
      [make("strong", { textContent: `/${command}` }), description],
      () => { this.act("say", { text: `/${command}` }); this.text.focus(); },
    ]));
  }

  showKeyboard(keyboard) {
    const shape = JSON.stringify(keyboard);
    const area = this.find(".keyboard");
    if (shape === this.shape) return;
    this.shape = shape;
    const held = area.contains(document.activeElement);
    area.hidden = !keyboard;
    area.classList.toggle("tall", Boolean(keyboard) && !keyboard.resize_keyboard);
    area.replaceChildren(...(keyboard?.keyboard ?? []).map((row, r) => make("div", { className: "row" }, ...row.map((button, c) => {
      const node = make("button", { type: "button", textContent: button.text });
      node.addEventListener("click", () => this.tap(button, r, c));
      return node;
    }))));
    this.text.placeholder = keyboard?.input_field_placeholder ?? "Tulis pesan";
    if (held) this.text.focus();
    this.toBottom();
  }

  showGates() {
    const { started, blocked } = this.chat;
    this.find(".gate:not(.blocked)").hidden = started;
    this.find(".gate.blocked").hidden = !blocked;
    this.find(".composer").hidden = !started || blocked;
    if (blocked) this.find(".keyboard").hidden = true;
    else this.find(".keyboard").hidden = !this.chat.keyboard;
  }

  /** Put the focus where a new person begins, as soon as there is something to press. */
  greet() {
    const begin = this.find(".gate:not([hidden]) button");
    this.greeting = !begin;
    begin?.focus();
  }

  announce({ text, alert }) {
    if (alert) {
      ask({ title: this.chat.name, text, choices: [["ok", "OK"]] });
      return;
    }
    const toast = make("p", { textContent: text });
    this.find(".toasts").append(toast);
    setTimeout(() => toast.remove(), TOAST);
  }

  toBottom() {
    this.near = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  keepBottom() { if (this.near) this.toBottom(); }

  // what its owner does

  listen() {
    this.find(".composer").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.text.addEventListener("keydown", (event) => this.typed(event));
    this.text.addEventListener("input", () => this.grow());
    this.log.addEventListener("click", (event) => this.clicked(event));
    this.log.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches(".expandable")) event.target.classList.toggle("open");
    });
    this.log.addEventListener("load", () => this.keepBottom(), true);
    this.log.addEventListener("scroll", () => {
      this.near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
    });
    new ResizeObserver(() => this.keepBottom()).observe(this.log);
    this.find("[data-do=start]").addEventListener("click", () => {
      this.waiting = true; // the focus goes to the text box as soon as there is one
      this.act("start", {});
    });
    this.find("[data-do=link]").addEventListener("click", () => openLink(this));
    this.find("[data-do=unblock]").addEventListener("click", () => this.act("unblock", {}));
    this.find("[data-do=stop-editing]").addEventListener("click", () => this.edit(null));
  }

  async send() {
    const text = this.text.value.trim();
    if (!text) return;
    const editing = this.editing;
    this.edit(null);
    await (editing ? this.act("edit", { message: editing, text }) : this.act("say", { text }));
  }

  typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.editing) {
      this.edit(null);
    } else if (event.key === "ArrowUp" && !this.text.value) {
      const own = [...this.messages.values()].reverse().find(({ node }) => node.querySelector("[data-edit]"));
      if (own) this.edit(own.message);
    }
  }

  edit(message) {
    this.editing = message?.message_id ?? null;
    this.find(".editing").hidden = !message;
    this.write(message?.text ?? "");
  }

  write(text) {
    this.text.value = text;
    this.grow();
    this.text.focus();
  }

  grow() {
    this.text.style.height = "auto";
    const border = this.text.offsetHeight - this.text.clientHeight;
    this.text.style.height = `${this.text.scrollHeight + border}px`;
  }

  clicked(event) {
    const target = event.target.closest("button, a, .expandable");
    if (!target) return;
    if (target.dataset.say) this.act("say", { text: target.dataset.say });
    else if (target.dataset.edit) this.edit(this.messages.get(Number(target.dataset.edit)).message);
    else if (target.matches(".spoiler, .expandable")) target.classList.toggle("open");
    else if (target.dataset.row) this.press(target);
    else if (target.href && startOf(target.href, this.bot) !== null) {
      event.preventDefault();
      openLink(this, target.href);
    }
  }

  press(button) {
    button.setAttribute("aria-busy", "true");
    const message = Number(button.closest(".message").dataset.id);
    this.act("press", { message, row: Number(button.dataset.row), column: Number(button.dataset.column) });
  }

  async tap(button, row, column) {
    if (button.request_contact) {
      const answer = await ask({
        title: "Bagikan nomor Anda?",
        text: `Bot akan menerima nama dan nomor telepon ${this.chat.name}.`,
        choices: [["share", "Bagikan"], ["", "Batal"]],
      });
      if (!answer) return;
    }
    await this.act("tap", { row, column });
  }

  async act(name, how) {
    return this.post(name, JSON.stringify(how), "application/json");
  }

  async post(path, body, type) {
    const response = await fetch(`/sandbox/people/${this.id}/${path}`, { method: "POST", headers: { "Content-Type": type }, body });
    if (!response.ok) this.announce({ text: "Itu tidak bisa dilakukan di chat ini sekarang.", alert: false });
  }
}

// Sheets: small lists of actions that open over a phone's chat, from buttons with data-sheet="<name>".

import { make } from "./message.js";

/** The sheets of one phone; at most one is open, Escape and a click elsewhere close it. */
export class Sheets {
  constructor(node) {
    this.node = node;
    node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(true); });
    node.addEventListener("click", (event) => {
      const name = event.target.closest("[data-sheet]")?.dataset.sheet;
      if (name) this.toggle(name);
      else if (!event.target.closest(".sheet")) this.close();
    });
  }

  /** Give the sheet called `name` its entries: [label or nodes, what a press runs]. */
  fill(name, entries) {
    this.node.querySelector(`.sheet.${name}`).replaceChildren(...entries.map(([label, run]) => {
      const button = make("button", { type: "button" }, ...[label].flat());
      button.addEventListener("click", () => { this.close(); run(); });
      return button;
    }));
  }

  toggle(name) {
    const sheet = this.node.querySelector(`.sheet.${name}`);
    const open = sheet.hidden;
    this.close();
    sheet.hidden = !open;
    this.opener(name).setAttribute("aria-expanded", String(open));
    if (open) sheet.querySelector("button")?.focus();
  }

  close(refocus = false) {
    for (const sheet of this.node.querySelectorAll(".sheet:not([hidden])")) {
      const opener = this.opener(sheet.classList[1]);
      sheet.hidden = true;
      opener.setAttribute("aria-expanded", "false");
      if (refocus) opener.focus();
    }
  }

  opener(name) { return this.node.querySelector(`[data-sheet=${name}]`); }
}

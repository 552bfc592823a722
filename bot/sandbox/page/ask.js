// The one dialog of the page: a question with fields or choices. Questions wait for each other.

import { make } from "./message.js";

const dialog = document.getElementById("ask");
let last = Promise.resolve();

/**
 * Ask and give the answer: {choice, …fields}, or null when it was closed. `fields` are [name, label, properties],
 * with `options` for a list; `choices` are [value, label], the first is what Enter does, "" closes.
 */
export function ask(question) {
  const answer = last.then(() => show(question));
  last = answer.catch(() => null);
  return answer;
}

function show({ title, text = "", fields = [], choices }) {
  document.getElementById("ask-title").textContent = title;
  document.getElementById("ask-text").textContent = text;
  document.getElementById("ask-fields").replaceChildren(...fields.map(field));
  document.getElementById("ask-choices").replaceChildren(...choices.map(([value, label], index) =>
    make("button", { className: index ? "quiet" : "solid", value, textContent: label, formNoValidate: value === "" })));
  dialog.returnValue = "";
  dialog.showModal();
  (dialog.querySelector("#ask-fields input, #ask-fields textarea") ?? dialog.querySelector(".choices button")).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const values = Object.fromEntries(new FormData(dialog.querySelector("form")));
      resolve(dialog.returnValue ? { ...values, choice: dialog.returnValue } : null);
    }, { once: true });
  });
}

function field([name, label, { options, multiline, ...properties } = {}]) {
  const tag = options ? "select" : multiline ? "textarea" : "input";
  const input = make(tag, { name, ...(multiline ? { rows: 4 } : {}), ...properties });
  if (options) input.append(...options.map(([value, text]) => make("option", { value, textContent: text })));
  return make("label", {}, make("span", { textContent: label }), input);
}

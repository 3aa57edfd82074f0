// The text of a definition: numbers of its lines, findings at theirs, and keys as an editor has them.
"use strict";
(() => {
  const area = document.querySelector("[data-editor]");
  const gutter = document.getElementById("gutter");
  const found = document.getElementById("found");
  const here = document.getElementById("here");
  const said = document.getElementById("said");
  const form = area.form;
  const INDENT = "  ";

  // ---------------------------------------------------------------- lines

  let messages = new Map();
  const lineOf = (place) => area.value.slice(0, place).split("\n").length;
  const startOf = (line) => area.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const number = () => {
    const lines = area.value.split("\n").length;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, index) => {
      const one = document.createElement("span");
      one.textContent = index + 1;
      if (messages.has(index + 1)) { one.className = "bad"; one.title = messages.get(index + 1); }
      return one;
    }));
    gutter.scrollTop = area.scrollTop;
  };
  const tell = () => { here.textContent = messages.get(lineOf(area.selectionStart)) ?? ""; };
  const go = (line) => {
    const start = startOf(line);
    area.focus();
    area.setSelectionRange(start, start + (area.value.split("\n")[line - 1] ?? "").length);
    area.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(area).lineHeight));
    tell();
  };
  const read = () => {
    messages = new Map();
    for (const one of found.querySelectorAll("[data-line]")) {
      const line = Number(one.dataset.line);
      const words = one.parentElement.querySelector("[data-message]").textContent;
      messages.set(line, messages.has(line) ? `${messages.get(line)}; ${words}` : words);
    }
    said.textContent = document.getElementById("verdict")?.textContent ?? "";
    number();
    tell();
  };
  area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; });
  area.addEventListener("input", number);
  document.addEventListener("selectionchange", () => { if (document.activeElement === area) tell(); });
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target === found) read(); });
  found.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]")?.dataset.line;
    if (line) go(Number(line));
  });

  // ---------------------------------------------------------------- keys

  let isLeaving = false;
  // What is put in so can be taken back with Ctrl+Z, which no other way of changing the text lets.
  const put = (text) => document.execCommand("insertText", false, text);
  const indent = (isBack) => {
    const first = lineOf(area.selectionStart);
    const last = lineOf(area.selectionEnd);
    if (first === last && !isBack) { put(INDENT); return; }
    const lines = area.value.split("\n").slice(first - 1, last);
    const start = startOf(first);
    area.setSelectionRange(start, start + lines.join("\n").length);
    const changed = lines.map((one) => (isBack ? one.replace(/^ {1,2}/, "") : INDENT + one)).join("\n");
    put(changed);
    area.setSelectionRange(start, start + changed.length);
  };
  const breakLine = () => {
    const before = area.value.slice(startOf(lineOf(area.selectionStart)), area.selectionStart);
    put(`\n${before.match(/^ */)[0]}`);
  };
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") { isLeaving = true; return; }
    if (event.key === "Tab" && !isLeaving) { event.preventDefault(); indent(event.shiftKey); return; }
    if (event.key === "Enter") { event.preventDefault(); breakLine(); }
    if (event.key !== "Shift") isLeaving = false;
  });
  area.addEventListener("blur", () => { isLeaving = false; });

  // ---------------------------------------------------------------- nothing is lost

  let kept = area.value;
  form.addEventListener("submit", (event) => { if (!event.submitter?.hasAttribute("formaction")) kept = area.value; });
  window.addEventListener("beforeunload", (event) => { if (area.value !== kept) event.preventDefault(); });

  number();
})();

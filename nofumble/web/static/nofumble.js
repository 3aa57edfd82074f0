// What a page does by itself: it follows what others do, answers to keys, and keeps what somebody is typing.
"use strict";
(() => {
  const body = document.body;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isTyping = (element) => element && element.closest("input, textarea, select, [contenteditable]") !== null;

  // ---------------------------------------------------------------- live: another one's change appears here

  let waiting = false;
  let timer = 0;
  let last = "";

  const isBusy = () => {
    const live = document.getElementById("live");
    return live === null || live.querySelector(".slot:not(:empty)") !== null || (isTyping(document.activeElement) && live.contains(document.activeElement) && document.activeElement.type !== "checkbox");
  };
  const refresh = () => {
    timer = 0;
    if (isBusy()) { waiting = true; return; }
    waiting = false;
    body.dispatchEvent(new CustomEvent("nofumble:changed"));
  };
  const changed = () => { if (!timer) timer = setTimeout(refresh, 120); };
  // A page says what it cares for: "mine", the id of a customer, or "all".
  const concerns = (said) => {
    const cares = document.getElementById("live")?.dataset.cares;
    return said.again || cares === "all" || (cares === "mine" ? said.mine : (said.accounts ?? []).includes(cares));
  };
  const follow = () => {
    const cares = document.getElementById("live")?.dataset.cares ?? "";
    const stream = new EventSource(`${body.dataset.live}?cares=${encodeURIComponent(cares)}`);
    stream.addEventListener("changed", (event) => { if (concerns(JSON.parse(event.data))) changed(); });
    stream.addEventListener("open", () => { body.dataset.follows = "yes"; });
  };
  if (body.dataset.live && "EventSource" in window) follow();
  document.addEventListener("focusout", () => setTimeout(() => { if (waiting && !isBusy()) refresh(); }, 0));

  // ---------------------------------------------------------------- words after something was done

  const toast = (text) => {
    const place = document.getElementById("toast");
    place.textContent = "";
    const box = document.createElement("p");
    box.className = "toast";
    box.textContent = text;
    place.append(box);
    setTimeout(() => box.remove(), 6000);
  };
  body.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    let text = "That did not work: load the page again and try once more.";
    try { const said = JSON.parse(answer.responseText); text = [said.detail, said.remedy].filter(Boolean).join("; "); } catch { /* no document: the sentence above */ }
    toast(text);
  });
  body.addEventListener("htmx:sendError", () => toast("The server cannot be reached: what you did was not sent."));

  // ---------------------------------------------------------------- where the reader stands

  const items = () => all("[data-item]");
  const current = () => document.activeElement?.closest("[data-item]") ?? document.getElementById(last) ?? null;
  const stand = (item) => { if (item) { last = item.id; item.focus(); item.scrollIntoView({ block: "nearest" }); } };
  const step = (by) => {
    const found = items();
    if (!found.length) return;
    const place = found.indexOf(current());
    stand(found[place < 0 ? 0 : Math.min(Math.max(place + by, 0), found.length - 1)]);
  };
  let before = 0;
  body.addEventListener("htmx:beforeSwap", () => { before = items().indexOf(current()); });
  body.addEventListener("htmx:afterSettle", (event) => {
    const first = event.target.querySelector?.("[data-first]");
    if (first) { first.focus(); return; }
    if (before >= 0 && document.activeElement === body) {
      const found = items();
      stand(document.getElementById(last) ?? found[Math.min(before, found.length - 1)]);
    }
    if (waiting) refresh();
  });
  document.addEventListener("focusin", (event) => { const item = event.target.closest("[data-item]"); if (item) last = item.id; });

  // ---------------------------------------------------------------- the tour: by itself once, then when it is asked for

  const tour = document.getElementById("tour");
  const seen = { // who keeps nothing in the browser is shown it no second time on a page, and that is all
    get: () => { try { return localStorage.getItem("nofumble-tour"); } catch { return "yes"; } },
    set: () => { try { localStorage.setItem("nofumble-tour", "yes"); } catch { /* as above */ } },
  };
  const walk = (by) => {
    const steps = all("[data-step]", tour);
    const place = steps.findIndex((one) => !one.hidden);
    const next = by === 0 ? 0 : Math.min(Math.max(place + by, 0), steps.length - 1);
    steps.forEach((one, index) => { one.hidden = index !== next; });
    tour.setAttribute("aria-labelledby", steps[next].getAttribute("aria-labelledby"));
    steps[next].querySelector(".main").focus();
  };
  const tourFrom = (event) => {
    const said = event.target.closest("[data-tour]")?.dataset.tour;
    if (!said || !tour) return;
    event.preventDefault();
    if (said === "end") { tour.close(); return; }
    if (!tour.open) tour.showModal();
    walk(said === "again" ? 0 : Number(said));
  };
  if (tour) {
    tour.addEventListener("close", seen.set);
    tour.addEventListener("click", (event) => { if (event.target.closest("a")) seen.set(); });
    tour.addEventListener("keydown", (event) => { const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]; if (by) walk(by); });
    if (!seen.get()) { tour.showModal(); walk(0); }
  }
  document.addEventListener("click", tourFrom);

  // ---------------------------------------------------------------- keys

  const goes = { i: "/inbox", m: "/may-i", l: "/loops", w: "/workflows" };
  let isGoing = false;
  const press = (item, key) => {
    const button = item && all("[data-key]", item).find((one) => one.dataset.key === key);
    if (button) button.click();
    return Boolean(button);
  };
  const close = () => {
    const slot = document.querySelector(".slot:not(:empty)");
    if (!slot) return;
    const item = slot.closest("[data-item]");
    slot.textContent = "";
    stand(item);
    if (waiting) refresh();
  };
  const help = () => document.getElementById("help")?.showModal();
  const keys = {
    j: () => step(1), k: () => step(-1), "?": help,
    "/": () => document.querySelector("[data-search]")?.focus(),
    g: () => { isGoing = true; setTimeout(() => { isGoing = false; }, 1500); },
    o: () => current()?.querySelector("[data-open]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { close(); return; }
    if (event.key === " " && event.target.matches?.("a[role=button]")) { event.preventDefault(); event.target.click(); return; }
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (isGoing && goes[event.key]) { location.assign(goes[event.key]); return; }
    const known = keys[event.key];
    if (known) { event.preventDefault(); known(); return; }
    if (event.key.length === 1 && press(current(), event.key)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
    if (event.target.closest("[data-close]") && event.target.closest(".slot")) { event.preventDefault(); close(); }
  });
})();

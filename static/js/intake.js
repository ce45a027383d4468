/* The check page of an intake: walk the doubts, save by itself, move tasks. The page does all of it without script too. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  const paper = document.querySelector(".paper");
  pages();
  if (!form) return;
  const status = document.querySelector("[data-saved]");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

  // ---------------------------------------------------------------- what is left
  const items = () => Array.from(form.querySelectorAll("[data-item]"));
  const okOf = (item) => item.querySelector("[data-ok]");
  const isOpen = (item) => item.dataset.item === "check" && !(okOf(item) && okOf(item).checked);
  const doubts = () => items().filter(isOpen);
  function count() {
    const all = items();
    const left = doubts().length;
    const missing = all.filter((item) => item.dataset.item === "missing").length;
    const certain = all.filter((item) => item.dataset.item === "certain" || (item.dataset.item === "check" && !isOpen(item))).length;
    show("check", left);
    show("missing", missing);
    show("certain", certain);
    document.querySelectorAll("[data-next-doubt]").forEach((link) => link.classList.toggle("d-none", left === 0));
    form.querySelectorAll("[data-seen-right]").forEach(function (button) {
      const seen = seenIn(button).length;
      button.hidden = seen < 2;
      button.querySelector("span").textContent = seen;
    });
  }
  function show(kind, number) {
    document.querySelectorAll('[data-count="' + kind + '"]').forEach((place) => { place.textContent = number; });
  }
  const seenIn = (button) => Array.from(button.closest("[data-group]").querySelectorAll("[data-item][data-seen]")).filter((item) => isOpen(item) && okOf(item));

  // ---------------------------------------------------------------- the one being looked at, outlined on both sides
  let current = form.querySelector(".e-cur");
  function look(item) {
    if (current && current !== item) current.classList.remove("e-cur");
    document.querySelectorAll(".m-cur").forEach((mark) => mark.classList.remove("m-cur"));
    current = item;
    item.classList.add("e-cur");
    if (item.dataset.item === "check") item.dataset.seen = "1";
    const mark = item.dataset.mark && document.getElementById("s" + item.dataset.mark);
    if (mark && paper) {
      const box = mark.closest("mark") || mark;
      box.classList.add("m-cur");
      if (paper.scrollHeight > paper.clientHeight) {
        const at = box.getBoundingClientRect().top - paper.getBoundingClientRect().top;
        if (at < 40 || at > paper.clientHeight - 80) paper.scrollBy({ top: at - paper.clientHeight / 3, behavior: still });
      }
    }
    count();
  }
  function jump(step) {
    const all = items();
    const open = doubts();
    if (!open.length) return;
    const at = all.indexOf(current);
    const target = step > 0
      ? open.find((item) => all.indexOf(item) > at) || open[0]
      : open.slice().reverse().find((item) => all.indexOf(item) < at) || open[open.length - 1];
    look(target);
    target.scrollIntoView({ block: "center", behavior: still });
    (okOf(target) || target.querySelector("input:not([type=hidden]), select, textarea, summary")).focus({ preventScroll: true });
  }
  form.addEventListener("focusin", function (event) {
    const item = event.target.closest("[data-item]");
    // The one outlined from the beginning is looked at only when somebody goes there.
    if (item && (item !== current || (item.dataset.item === "check" && !item.dataset.seen))) look(item);
  });
  document.querySelectorAll("[data-next-doubt]").forEach(function (link) {
    let first = true;
    link.addEventListener("click", function (event) {
      event.preventDefault();
      if (first && current && isOpen(current) && !current.dataset.seen) { const item = current; current = null; item.classList.remove("e-cur"); }
      first = false;
      jump(1);
    });
  });
  form.addEventListener("click", function (event) {
    const button = event.target.closest("[data-seen-right]");
    if (!button) return;
    seenIn(button).forEach((item) => { okOf(item).checked = true; });
    changed();
  });

  // ---------------------------------------------------------------- single keys, outside of fields, to be switched off
  const keys = document.querySelector("[data-keys]");
  const box = keys && keys.querySelector("input");
  if (keys) {
    keys.hidden = false;
    try { box.checked = window.localStorage.getItem("ph-intake-keys") !== "off"; } catch (error) { /* private mode */ }
    box.addEventListener("change", function () {
      try { window.localStorage.setItem("ph-intake-keys", box.checked ? "on" : "off"); } catch (error) { /* private mode */ }
    });
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.altKey) {
      const row = event.target.closest && event.target.closest(".e-t");
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (row && step) { event.preventDefault(); move(row, step, event.target); }
      return;
    }
    const writes = event.target.matches("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])");
    if (writes || !box || !box.checked) return;
    if (event.key === "n" || event.key === "p") { event.preventDefault(); jump(event.key === "n" ? 1 : -1); }
  });

  // ---------------------------------------------------------------- order of the tasks
  function move(row, step, focus) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    row.parentNode.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
    const list = Array.from(row.parentNode.children);
    list.forEach((line, at) => { line.querySelector(".e-n").textContent = at + 1; });
    row.closest("[data-group]").querySelector("[data-order]").value = list.map((line) => line.dataset.row).join(",");
    row.scrollIntoView({ block: "nearest" });
    focus.focus({ preventScroll: true });
    changed();
  }
  form.addEventListener("click", function (event) {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    move(button.closest(".e-t"), Number(button.dataset.move), button);
  });
  // Split where the cursor stands: a line break there is what the server splits at.
  let caret = null;
  form.addEventListener("focusout", function (event) {
    if (event.target.matches(".e-t textarea")) caret = { area: event.target, at: event.target.selectionStart };
  });
  form.addEventListener("click", function (event) {
    const button = event.target.closest("[data-split]");
    if (!button || !caret || !button.closest(".e-t").contains(caret.area)) return;
    const text = caret.area.value;
    if (text.slice(0, caret.at).trim() && text.slice(caret.at).trim() && !text.includes("\n")) {
      caret.area.value = text.slice(0, caret.at) + "\n" + text.slice(caret.at);
    }
  });

  // ---------------------------------------------------------------- saving by itself
  let dirty = false;
  let timer = 0;
  let running = null;
  let stopped = false;
  function changed() {
    dirty = true;
    count();
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 1500);
  }
  form.addEventListener("change", changed);
  // A new body needs its kind: show where it is chosen.
  form.addEventListener("change", function (event) {
    if (!event.target.matches("input[type=radio][value=new]")) return;
    const more = event.target.closest("[data-item]").querySelector(".e-more");
    if (more) more.open = true;
  });
  form.addEventListener("input", function () { dirty = true; });
  window.setInterval(function () { if (dirty) save(); }, 20000);
  document.addEventListener("visibilitychange", function () { if (document.hidden && dirty) save(); });
  function save() {
    if (running || stopped || !dirty) return;
    window.clearTimeout(timer);
    dirty = false;
    const body = new FormData(form);
    body.delete("form_key");
    running = fetch(form.action, { method: "POST", body: body, headers: { "X-Autosave": "1" }, credentials: "same-origin" })
      .then(function (answer) {
        if (!(answer.headers.get("content-type") || "").includes("json")) throw new Error("not saved");
        return answer.json().then(function (data) {
          status.textContent = data.message;
          if (!answer.ok) { stopped = answer.status === 409; return; }
          form.elements.version.value = data.version;
          items().forEach(function (item) {
            const state = data.states[item.id];
            // A ticked doubt is certain for the server; here the tick says so, and can be taken back.
            if (state && !(item.dataset.item === "check" && okOf(item) && okOf(item).checked)) item.dataset.item = state;
          });
          count();
        });
      })
      .catch(function () { dirty = true; status.textContent = status.dataset.failed; })
      .then(function () { running = null; });
  }
  // A save under way would make the version of the form an old one: wait for it, then send.
  form.addEventListener("submit", function (event) {
    window.clearTimeout(timer);
    stopped = true;
    if (!running) return;
    const button = event.submitter;
    event.preventDefault();
    event.stopImmediatePropagation();
    running.then(function () { form.requestSubmit(button); });
  });

  // ---------------------------------------------------------------- a link to a value opens its row
  function open() {
    const target = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (!target || !target.matches("[data-item]")) return;
    const details = target.querySelector(":scope > details");
    if (details) details.open = true;
    look(target);
  }
  window.addEventListener("hashchange", open);
  open();
  count();

  // ---------------------------------------------------------------- pages of the paper
  function pages() {
    const line = document.querySelector("[data-pages]");
    if (!line || !paper) return;
    const words = line.querySelector("[data-page-words]");
    const heads = Array.from(paper.querySelectorAll("[data-page]"));
    const total = Number(words.dataset.pageCount);
    let page = 1;
    function tell() {
      const top = Math.max(paper.getBoundingClientRect().top, 0) + 200;
      const passed = heads.filter((head) => head.getBoundingClientRect().top <= top);
      page = passed.length ? Number(passed[passed.length - 1].dataset.page) : 1;
      words.textContent = words.dataset.pageWords.replace("{page}", page).replace("{pages}", total);
      line.querySelectorAll("[data-page-go]").forEach(function (link) {
        const to = page + Number(link.dataset.pageGo);
        link.classList.toggle("d-none", to < 1 || to > total);
        link.href = "#trang-" + to;
      });
    }
    paper.addEventListener("scroll", tell, { passive: true });
    window.addEventListener("scroll", tell, { passive: true }); // on a phone the page scrolls, not the paper
    tell();
  }
})();

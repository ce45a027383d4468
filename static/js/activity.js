/* The log of an activity, and a report, that lose nothing: drafts on the server while there is a line, in this browser while there is
   none; photos made small and sent one by one. Without this file the page is a plain form. Nothing is sent for review by itself. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form || !window.fetch || !window.FormData) return;
  const say = form.dataset, state = form.querySelector("[data-state]"), field = function (name) { return form.elements[name]; };
  const EVERY = 5000, AFTER = 1500, LONG_SIDE = 1600, QUALITY = 0.8, PATIENCE = 20000;
  const key = field("form_key").value;
  let where = location.pathname; // not form.action: the buttons are called "action"
  let slot = "nhap:" + say.user + ":" + (say.draft ? "a" + say.draft : "t" + field("task").value);
  const photos = []; // {id, file, item, line, off, done, bad: "line" or "server", gone}
  let dirty = false, busy = false, stopped = false, sending = false, lastSaved = 0, timer = 0, edits = 0;

  function clock(at) { return new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" }); }
  function tell(words, at, why) { state.lastElementChild.textContent = words.replace("{time}", clock(at || Date.now())).replace("{why}", why || ""); }

  /* ---- in this browser: texts in localStorage (written at once, also while the page goes), photos in IndexedDB ---- */
  function texts() {
    return Array.from(new FormData(form)).filter(function (pair) {
      return typeof pair[1] === "string" && !["csrfmiddlewaretoken", "form_key", "version", "whose", "action"].includes(pair[0]);
    });
  }
  function keep() {
    const at = Date.now();
    try {
      localStorage.setItem(slot, JSON.stringify({ at: at, key: key, version: field("version").value, fields: texts() }));
      return at;
    } catch (error) { return 0; }
  }
  function kept() { try { return JSON.parse(localStorage.getItem(slot)); } catch (error) { return null; } }
  function forget(name) { try { localStorage.removeItem(name || slot); } catch (error) { /* nothing was kept */ } }
  function box(mode, work) {
    return new Promise(function (done) {
      try {
        const open = indexedDB.open("nhap", 1);
        open.onupgradeneeded = function () { open.result.createObjectStore("photos", { keyPath: "id" }); };
        open.onerror = function () { done(null); };
        open.onsuccess = function () {
          const trade = open.result.transaction("photos", mode), request = work(trade.objectStore("photos"));
          trade.oncomplete = function () { open.result.close(); done(request ? request.result : null); };
          trade.onerror = trade.onabort = function () { open.result.close(); done(null); };
        };
      } catch (error) { done(null); }
    });
  }

  /* ---- on the server: the same address with action=autosave; see activities/views/autosave.py ---- */
  function body(action) {
    const data = new URLSearchParams(Array.from(new FormData(form)).filter(function (pair) { return typeof pair[1] === "string"; }));
    data.set("action", action);
    return data;
  }
  function call(method, data, isLast) {
    const stop = new AbortController(), limit = setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch(where, { method: method, body: data, credentials: "same-origin", keepalive: Boolean(isLast), signal: stop.signal })
      .finally(function () { clearTimeout(limit); });
  }
  function moveTo(answer) {
    field("version").value = answer.version;
    if (say.draft) return;
    say.draft = /(\d+)\/sua\/$/.exec(answer.url)[1];
    forget();
    slot = "nhap:" + say.user + ":a" + say.draft;
    where = answer.url;
    form.setAttribute("action", where);
    history.replaceState(null, "", answer.url);
    photos.filter(isWaiting).forEach(store);
  }
  // Resolves to "saved", "kept" (no line), "refused" (the server said why) or "ended" (the session is over).
  async function save(isLast) {
    const at = keep(), mark = edits;
    busy = true;
    try {
      const answer = await call("POST", body("autosave"), isLast);
      lastSaved = Date.now();
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      if (answer.status === 401) { tell(say.saySignIn, at); return "ended"; }
      const found = isJson ? await answer.json() : {};
      if (answer.ok && isJson) {
        moveTo(found);
        // What was typed while the answer was under way is not saved yet; then the line goes on saying so.
        if (mark === edits) { dirty = false; forget(); tell(say.saySaved, lastSaved); } else { keep(); }
        sendPhotos(true);
        return "saved";
      }
      if (found.conflict) { stopped = true; tell(say.sayConflict); return "refused"; }
      tell(at ? say.sayKept : say.sayUnkept, at, found.error || say.sayServer);
      return found.error ? "refused" : "kept";
    } catch (error) {
      lastSaved = Date.now();
      tell(at ? say.sayOffline : say.sayUnkept, at);
      return "kept";
    } finally { busy = false; if (dirty && !stopped && !isLast) plan(); }
  }
  function plan(soon) {
    if (stopped || timer && !soon) return;
    clearTimeout(timer);
    const wait = Math.max(soon ? 0 : AFTER, lastSaved + EVERY - Date.now());
    timer = setTimeout(function () { timer = 0; if (busy) { plan(); } else if (dirty) { save(); } }, wait);
  }
  let keeping = 0;
  form.addEventListener("input", function (event) {
    dirty = true; edits += 1;
    if (event.target.type === "file") return;
    tell(state.dataset.unsaved);
    clearTimeout(keeping);
    keeping = setTimeout(function () { if (dirty) keep(); }, 400);
    document.querySelectorAll('[data-copied="' + event.target.id + '"]').forEach(function (mark) { mark.remove(); });
    plan();
  });
  form.addEventListener("focusout", function () { if (dirty) plan(true); });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden" && dirty && !stopped && !sending) { keep(); if (!busy) save(true); }
  });
  window.addEventListener("pagehide", function () { if (dirty && !sending) keep(); });
  window.addEventListener("online", function () { if (dirty) plan(true); sendPhotos(true); });
  window.addEventListener("offline", cut);
  function cut() { const at = keep(); tell(at ? say.sayOffline : say.sayUnkept, at); }

  /* ---- sending: the texts are put in safety first; only then does the browser leave the page ---- */
  form.addEventListener("submit", async function (event) {
    if (sending || !form.requestSubmit) return;
    event.preventDefault();
    const button = event.submitter;
    clearTimeout(timer); timer = 0;
    if (dirty && !stopped) {
      if (await save() === "kept") return;
    } else {
      try { await call("HEAD"); } catch (error) { cut(); return; }
    }
    if (dirty || stopped) keep();
    sending = true;
    form.requestSubmit(button);
    setTimeout(function () { sending = false; }, 3000);
  });

  /* ---- photos ---- */
  const pick = form.querySelector("[data-photos]"), input = pick && pick.querySelector("input[type=file]");
  const tile = pick && pick.parentElement.querySelector(".thumbs > .add");
  const canShrink = input && tile && window.DataTransfer && window.createImageBitmap;
  let sendingPhotos = false;
  if (canShrink) {
    tile.prepend(input);
    input.className = "visually-hidden";
    pick.querySelector("label").hidden = true;
    tile.hidden = false;
    input.addEventListener("change", function () {
      const fresh = Array.from(input.files);
      refill();
      fresh.forEach(function (file) { add(file); });
    });
  }
  // What has not gone up yet stays in the control, so that a press of the button takes it along.
  function refill() {
    const all = new DataTransfer();
    photos.filter(isWaiting).forEach(function (photo) { all.items.add(photo.file); });
    input.files = all.files;
  }
  function isWaiting(photo) { return Boolean(photo.file) && !photo.done && !photo.gone; }
  function store(photo) { return box("readwrite", function (rows) { return rows.put({ id: photo.id, slot: slot, name: photo.file.name, blob: photo.file }); }); }
  async function small(file) {
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale); canvas.height = Math.round(image.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      image.close();
      const blob = await new Promise(function (done) { canvas.toBlob(done, "image/jpeg", QUALITY); });
      if (!blob || (scale === 1 && blob.size >= file.size)) return { file: file, canvas: canvas };
      return { file: new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }), canvas: canvas };
    } catch (error) { return { file: file, canvas: null }; }
  }
  async function add(file, id) {
    const photo = { id: id || slot + ":" + Date.now() + ":" + Math.random(), done: false };
    photos.push(photo);
    photo.item = document.createElement("li");
    photo.line = document.createElement("span");
    photo.line.className = "t-up";
    photo.off = document.createElement("button");
    photo.off.type = "button"; photo.off.className = "t-off"; photo.off.textContent = say.sayRemove;
    photo.off.setAttribute("aria-label", say.sayRemove + " " + file.name);
    photo.off.addEventListener("click", function () { drop(photo); input.focus(); });
    photo.item.append(photo.line, photo.off);
    tile.before(photo.item);
    const made = await small(file);
    if (photo.gone) return;
    photo.file = made.file;
    photo.item.prepend(picture(made.canvas, file.name));
    refill();
    line(photo, say.sayWaiting);
    await store(photo);
    if (say.draft) { sendPhotos(); } else { dirty = true; plan(true); }
  }
  function picture(from, name) {
    if (!from) {
      const words = document.createElement("span");
      words.className = "t-file long"; words.textContent = name;
      return words;
    }
    const canvas = document.createElement("canvas");
    canvas.width = 304; canvas.height = 228; canvas.className = "ph";
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", name);
    const scale = Math.max(canvas.width / from.width, canvas.height / from.height), w = from.width * scale, h = from.height * scale;
    canvas.getContext("2d").drawImage(from, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    return canvas;
  }
  function drop(photo) {
    photo.gone = true;
    photos.splice(photos.indexOf(photo), 1);
    photo.item.remove();
    refill();
    box("readwrite", function (store) { return store.delete(photo.id); });
  }
  function line(photo, words, retry) {
    photo.line.textContent = words;
    if (!retry) return;
    const again = document.createElement("button");
    again.type = "button"; again.className = "t-off"; again.textContent = say.sayRetry;
    again.addEventListener("click", function () { photo.bad = ""; sendPhotos(); });
    photo.line.append(again);
  }
  // One after the other, each with its own line; the texts never wait for them.
  async function sendPhotos(hasLine) {
    if (hasLine) photos.forEach(function (photo) { if (photo.bad === "line") photo.bad = ""; });
    if (!canShrink || sendingPhotos || !say.draft) return;
    sendingPhotos = true;
    for (let photo; (photo = photos.find(function (one) { return isWaiting(one) && !one.bad; }));) await up(photo);
    sendingPhotos = false;
  }
  function up(photo) {
    return new Promise(function (next) {
      const data = new FormData(), wire = new XMLHttpRequest(), bar = document.createElement("progress");
      body("photo").forEach(function (value, name) { if (["csrfmiddlewaretoken", "form_key", "task", "action", "whose", "acting_as"].includes(name)) data.append(name, value); });
      data.append("photos", photo.file);
      bar.max = 100; bar.value = 0; bar.setAttribute("aria-label", photo.file.name);
      photo.line.replaceChildren(bar);
      wire.upload.onprogress = function (event) { if (event.lengthComputable) bar.value = event.loaded * 100 / event.total; };
      wire.onloadend = function () {
        let found = {};
        try { found = JSON.parse(wire.responseText); } catch (error) { /* no answer, or a page */ }
        if (wire.status === 200 && found.id) { settle(photo, found); } else {
          photo.bad = found.error ? "server" : "line";
          line(photo, found.error || say.sayWaiting, true);
        }
        next();
      };
      wire.open("POST", where);
      wire.send(data);
    });
  }
  // On the server now: from here on it is taken off like every other proof, by a tick.
  function settle(photo, found) {
    photo.done = true;
    refill();
    box("readwrite", function (store) { return store.delete(photo.id); });
    const tick = document.createElement("span"), check = document.createElement("input"), label = document.createElement("label");
    tick.className = "form-check";
    check.type = "checkbox"; check.name = "drop_evidence"; check.value = found.id; check.id = "de-" + found.id; check.className = "form-check-input";
    label.htmlFor = check.id; label.className = "form-check-label"; label.textContent = say.sayRemove;
    tick.append(check, label);
    photo.off.remove();
    photo.line.className = "t-ok";
    photo.line.textContent = say.sayUploaded;
    photo.item.append(tick);
    if (photo.gone) check.checked = true;
  }

  /* ---- a text this browser kept and the server does not have: offered, never forced ---- */
  function put(copy) {
    const names = new Map();
    copy.fields.forEach(function (pair) { names.set(pair[0], (names.get(pair[0]) || []).concat(pair[1])); });
    while (Array.from(names.keys()).some(function (name) { return /^c\d+_name$/.test(name) && !field(name); }) && addRow());
    Array.from(form.elements).forEach(function (control) {
      if (!control.name || ["hidden", "file", "submit", "button"].includes(control.type)) return;
      const values = names.get(control.name) || [];
      if (control.type === "checkbox" || control.type === "radio") { control.checked = values.includes(control.value); } else if (values.length) { control.value = values[0]; }
    });
    field("version").value = copy.version || field("version").value;
    form.querySelectorAll("details").forEach(function (part) { part.open = true; });
    dirty = true; edits += 1;
    plan(true);
  }
  const copy = kept(), offer = document.querySelector("[data-found]"), used = say.used.split(" ");
  function isNew() { return JSON.stringify(texts()) !== JSON.stringify(copy.fields); }
  async function pending() {
    const all = await box("readonly", function (store) { return store.getAll(); });
    return (all || []).filter(function (row) { return row.slot === slot; });
  }
  function erase(rows) { forget(); rows.forEach(function (row) { box("readwrite", function (store) { return store.delete(row.id); }); }); }
  pending().then(function (rows) {
    if (copy && used.includes(copy.key)) { erase(rows); return; }
    if (!(copy && isNew()) && !rows.length) { if (copy) forget(); return; }
    offer.querySelector("span").textContent = say.sayFound.replace("{time}", clock(copy ? copy.at : Date.now()) + " " + new Date(copy ? copy.at : Date.now()).toLocaleDateString("vi-VN"));
    offer.hidden = false;
    offer.querySelector("[data-take]").addEventListener("click", function () {
      if (copy) put(copy);
      rows.forEach(function (row) { add(new File([row.blob], row.name, { type: row.blob.type }), row.id); });
      offer.hidden = true;
    });
    offer.querySelector("[data-drop]").addEventListener("click", function () {
      erase(rows);
      offer.hidden = true;
    });
  });

  /* ---- one more row of contributions, without a way to the server ---- */
  const rowBox = form.querySelector("[data-rows]"), more = form.querySelector('[value="add_row"]');
  function addRow() {
    const rows = rowBox.children, number = rows.length;
    if (number >= 20) return false;
    const row = rows[number - 1].cloneNode(true);
    row.querySelectorAll("[id], [for], [name]").forEach(function (part) {
      ["id", "for", "name"].forEach(function (name) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/c\d+_/, "c" + number + "_"));
      });
      if (part.tagName === "LABEL") part.textContent = part.textContent.replace(/\d+$/, number + 1);
      if (part.tagName === "INPUT") part.value = "";
    });
    row.querySelectorAll(".msg, p.form-text").forEach(function (part) { part.remove(); });
    rowBox.append(row);
    return row;
  }
  if (more) more.addEventListener("click", function (event) {
    const row = addRow();
    if (!row) return;
    event.preventDefault();
    row.querySelector("input").focus();
  });
})();

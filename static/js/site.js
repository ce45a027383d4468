/* Phối Hợp: small helps on top of pages that work without them. No dependency, no inline code, no eval. */
(function () {
  "use strict";
  const body = document.body;

  // Show / hide a password: <button hidden data-reveal="input-id" data-show="…" data-hide="…" data-show-label="…" data-hide-label="…"><span>…</span></button>
  document.querySelectorAll("[data-reveal]").forEach(function (button) {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      (button.querySelector("span") || button).textContent = show ? button.dataset.hide : button.dataset.show;
      button.setAttribute("aria-label", show ? button.dataset.hideLabel : button.dataset.showLabel);
    });
  });

  // The first thing to read on a returned form is what to correct.
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  // Sending: busy words after 400 ms. The submit itself is never prevented; the form key makes a second one harmless.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    const button = event.submitter || form.querySelector("[type=submit]");
    if (event.defaultPrevented || !button || form.method === "get" || button.hasAttribute("data-no-busy")) return;
    const before = button.innerHTML;
    const timer = window.setTimeout(function () {
      button.setAttribute("aria-disabled", "true");
      button.classList.add("is-busy");
      button.textContent = (button.dataset.busy || body.dataset.busy) + "…";
    }, 400);
    window.addEventListener("pageshow", function (shown) {
      if (!shown.persisted) return;
      window.clearTimeout(timer);
      button.removeAttribute("aria-disabled");
      button.classList.remove("is-busy");
      button.innerHTML = before;
    });
  });

  // data-jump-next="selector": to the next matching element after the one that has focus, round to the first.
  document.querySelectorAll("[data-jump-next]").forEach(function (button) {
    button.addEventListener("click", function (event) {
      const all = Array.from(document.querySelectorAll(button.dataset.jumpNext));
      if (!all.length) return;
      event.preventDefault();
      const last = Number(button.dataset.jumpAt || -1);
      const at = (last + 1) % all.length;
      button.dataset.jumpAt = String(at);
      const target = all[at];
      const control = target.matches("input, select, textarea, a, button") ? target : target.querySelector("input, select, textarea, a, button");
      target.scrollIntoView({ block: "center" });
      (control || target).focus({ preventScroll: true });
    });
  });

  // data-number-echo: under the field, the number as the server will understand it (documents/vietnamese.py, parse_number).
  const scales = { nghin: 3, ngan: 3, trieu: 6, tr: 6, ty: 9, ti: 9 };
  function understood(text) {
    const folded = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase().replace(/\s+/g, " ").trim();
    const found = /^([+-]?) ?([\d., ]*\d)(?: ?([a-z]+))?(?: ?(?:dong|d|vnd))?$/.exec(folded);
    if (!found || text.length > 40) return null;
    const word = ["d", "dong", "vnd"].includes(found[3]) ? "" : found[3] || "";
    if (word && !(word in scales)) return null;
    let digits = found[2];
    if (/^[1-9]\d{0,2}([. ])\d{3}(\1\d{3})*(,\d+)?$/.test(digits)) digits = digits.replace(/[. ]/g, "");
    else if (/^\d+\.\d+$/.test(digits) && !/^[1-9]\d{3,}\.\d{3}$/.test(digits)) digits = digits.replace(".", ",");
    if (!/^\d+(,\d+)?$/.test(digits)) return null;
    const parts = digits.split(",");
    const shift = scales[word] || 0;
    const tail = (parts[1] || "").padEnd(shift, "0");
    const whole = (parts[0] + tail.slice(0, shift)).replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".");
    const rest = tail.slice(shift).replace(/0+$/, "");
    return (found[1] === "-" ? "-" : "") + whole + (rest ? "," + rest : "");
  }
  document.querySelectorAll("[data-number-echo]").forEach(function (input) {
    const echo = document.createElement("p");
    echo.className = "form-text";
    echo.id = (input.id || "n") + "_echo";
    echo.setAttribute("aria-live", "polite");
    (input.closest(".unit") || input).insertAdjacentElement("afterend", echo);
    input.setAttribute("aria-describedby", ((input.getAttribute("aria-describedby") || "") + " " + echo.id).trim());
    function show() {
      const text = input.value.trim();
      const number = understood(text);
      echo.textContent = !text || number === text ? "" : number === null ? body.dataset.notUnderstood : body.dataset.understood.replace("{number}", number);
    }
    input.addEventListener("input", show);
    show();
  });

  // data-after-of="input-id": what the indicator will be with the number being typed; data-base + number in data-after.
  document.querySelectorAll("[data-after-of]").forEach(function (hint) {
    const input = document.getElementById(hint.dataset.afterOf);
    if (!input) return;
    const before = input.value.trim() ? "" : hint.textContent;
    input.addEventListener("input", function () {
      const typed = understood(input.value.trim());
      if (!typed) { hint.textContent = before; return; }
      const sum = Number(hint.dataset.base) + Number(typed.replace(/\./g, "").replace(",", "."));
      const parts = String(Math.round(sum * 1e4) / 1e4).split(".");
      const shown = parts[0].replace(/\B(?=(\d{3})+$)/g, ".") + (parts[1] ? "," + parts[1] : "");
      hint.textContent = hint.dataset.after.replace("{number}", shown);
    });
  });

  // data-shows="select-id": the chosen option, beside the closed list.
  document.querySelectorAll("[data-shows]").forEach(function (shown) {
    const select = document.getElementById(shown.dataset.shows);
    if (!select) return;
    select.addEventListener("change", function () {
      shown.textContent = select.options[select.selectedIndex].text;
      if (shown.nextElementSibling) shown.nextElementSibling.remove();
    });
  });

  // Signing out erases the drafts kept in this browser (activity.js): shared computers stand in offices.
  document.querySelectorAll("form[data-sign-out]").forEach(function (form) {
    form.addEventListener("submit", function () {
      try {
        Object.keys(localStorage).filter(function (key) { return key.startsWith("nhap:"); }).forEach(function (key) { localStorage.removeItem(key); });
        indexedDB.deleteDatabase("nhap");
      } catch (error) { /* storage is switched off: nothing was kept */ }
    });
  });

  // The tab of this page is in sight where the row of tabs is wider than a phone.
  document.querySelectorAll(".tabs [aria-current]").forEach(function (tab) {
    const row = tab.closest("ul");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - 24;
  });

  // data-present: arrows and the page keys of a remote clicker move between the sections of a presentation, Home and End
  // to the first and last, Esc leaves it. Page Down and Page Up scroll as long as there is more of the section to see.
  const steps = document.querySelector("[data-present]");
  if (steps) document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat || event.isComposing) return;
    const at = event.target;
    const scrolled = at.closest && at.closest(".scroll");
    if (at.matches("input, select, textarea") || (scrolled && scrolled.scrollWidth > scrolled.clientWidth && event.key !== "Escape")) return;
    const left = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
    if ((event.key === "PageDown" && left > 2) || (event.key === "PageUp" && window.scrollY > 2)) return;
    const key = { PageDown: "ArrowRight", PageUp: "ArrowLeft" }[event.key] || event.key;
    const link = steps.querySelector("[data-key=" + CSS.escape(key) + "]");
    const address = { Home: steps.dataset.home, End: steps.dataset.end }[key] || (link && link.href);
    if (!address) return;
    event.preventDefault();
    window.location.assign(address);
  });

  // data-review-keys: j k a r in the review queue, never while typing; the choice to do without is kept in this browser.
  const keys = document.querySelector("[data-review-keys]");
  if (keys) {
    const toggle = keys.querySelector("button");
    const words = keys.querySelector("[data-keys-words]");
    let isOff = /(^|; )review_keys=off/.test(document.cookie);
    const show = function () {
      keys.hidden = false;
      words.hidden = isOff;
      toggle.textContent = isOff ? toggle.dataset.keysOn : toggle.dataset.keysOff;
    };
    toggle.addEventListener("click", function () {
      isOff = !isOff;
      document.cookie = "review_keys=" + (isOff ? "off" : "on") + "; path=/phe-duyet/; max-age=31536000; samesite=lax";
      show();
    });
    show();
    const press = function (action) {
      const button = document.querySelector(".decide button[name=action][value=" + action + "]");
      if (button) button.click();
    };
    document.addEventListener("keydown", function (event) {
      if (isOff || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
      const at = event.target;
      if (at.isContentEditable || at.matches("textarea, select, input:not([type=checkbox])")) return;
      const box = document.querySelector(".decide");
      if (event.key === "j" && keys.dataset.following) window.location.assign(keys.dataset.following);
      else if (event.key === "k" && keys.dataset.before) window.location.assign(keys.dataset.before);
      else if (event.key === "a") press("accept");
      else if (event.key === "r" && box) {
        const own = box.querySelector("textarea[name=reason]");
        if (box.querySelector("[name=reasons]:checked") || (own && own.value.trim())) { press("return"); return; }
        const first = box.querySelector("[name=reasons]") || own;
        event.preventDefault();
        if (first) { first.scrollIntoView({ block: "center" }); first.focus(); }
      }
    });
  }
})();

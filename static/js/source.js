/* Taking in a source: a place to drop a file on, and a page that asks how far the reading is. Both work without. */
(function () {
  "use strict";
  document.querySelectorAll("[data-drop]").forEach(function (zone) {
    const input = zone.querySelector("input[type=file]");
    const say = zone.querySelector("[data-drop-say]");
    if (!input) return;
    if (say) say.hidden = false;
    function over(event) {
      if (!event.dataTransfer || !Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault();
      zone.classList.add("is-over");
    }
    zone.addEventListener("dragenter", over);
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", function (event) {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
    });
    zone.addEventListener("drop", function (event) {
      zone.classList.remove("is-over");
      if (!event.dataTransfer || !event.dataTransfer.files.length) return;
      event.preventDefault();
      const one = new DataTransfer();
      one.items.add(event.dataTransfer.files[0]);
      input.files = one.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  });

  // data-poll="address": every three seconds its fragment; when that says data-poll-done, on to data-poll-then.
  document.querySelectorAll("[data-poll]").forEach(function (place) {
    const then = place.dataset.pollThen;
    let wait = 3000;
    function ask() {
      if (document.hidden) return void window.setTimeout(ask, wait);
      window.fetch(place.dataset.poll, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok || answer.redirected) return window.location.assign(then);
        return answer.text().then(function (text) {
          if (text.includes("data-poll-done")) return window.location.assign(then);
          const made = new DOMParser().parseFromString(text, "text/html");
          place.replaceChildren.apply(place, Array.from(made.body.childNodes));
          window.setTimeout(ask, wait);
        });
      }, function () {
        wait = Math.min(wait * 2, 60000);
        window.setTimeout(ask, wait);
      });
    }
    window.setTimeout(ask, wait);
  });
})();

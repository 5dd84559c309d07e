// The reaction bar: remembers this reader's own choice, on this device only. Without it, or where
// storage is blocked, a bar with an endpoint is still a plain form and the page is still complete.
(function () {
  "use strict";

  var bar = document.querySelector(".reactions");
  if (!bar) return;
  var form = bar.querySelector("form");
  var buttons = form.querySelectorAll("button");
  var posts = form.hasAttribute("action");
  var key = "reaction:" + location.pathname;

  function recall() {
    try {
      return localStorage.getItem(key);
    } catch (blocked) {
      return null;
    }
  }

  function keep(kind) {
    try {
      if (kind) localStorage.setItem(key, kind);
      else localStorage.removeItem(key);
    } catch (blocked) {
      /* the choice then lasts as long as the page */
    }
  }

  var chosen = recall();

  function show() {
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    });
  }

  form.addEventListener("submit", function (event) {
    if (!posts) event.preventDefault();
  });

  form.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    // A choice that was posted can't be taken back here; one that was only remembered can.
    chosen = button.value === chosen && !posts ? null : button.value;
    keep(chosen);
    show();
  });

  show();
  bar.hidden = false;
})();

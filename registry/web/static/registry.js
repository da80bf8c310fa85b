// Progressive only: every page works without this file.
(() => {
  "use strict";
  // An error summary takes the focus, so that a screen reader starts there.
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
  // A form that is on its way is not sent twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });
  // On a narrow screen the filters do not stand between the question and the answer.
  if (window.matchMedia("(max-width: 55.99rem)").matches) {
    for (const details of document.querySelectorAll("details[data-narrow-closed]")) details.open = false;
  }
})();

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
  // What is meant to be copied has a button for it.
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.firstChild.textContent = button.dataset.done;
    }));
  }
  // An address that names a closed part of the page opens it.
  const named = () => {
    const part = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (part instanceof HTMLDetailsElement) part.open = true;
  };
  named();
  window.addEventListener("hashchange", named);
  // On a narrow screen the filters do not stand between the question and the answer.
  if (window.matchMedia("(max-width: 55.99rem)").matches) {
    for (const details of document.querySelectorAll("details[data-narrow-closed]")) details.open = false;
  }
})();

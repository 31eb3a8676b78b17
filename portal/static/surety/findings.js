/* The findings page in the browser: groups that open in place, selection, keys. All of it works without. */
(() => {
  "use strict";
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const form = document.querySelector("form[data-selection]");
  const table = document.querySelector("table[data-walk]");

  /* Groups: the first click fetches the rows (htmx), later ones hide and show them. */
  document.addEventListener("click", event => {
    const link = event.target.closest("a.group-toggle");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const rows = document.getElementById(link.dataset.group);
    event.preventDefault();
    const open = link.getAttribute("aria-expanded") !== "true";
    link.setAttribute("aria-expanded", String(open));
    rows.hidden = !open;
    update();
  });
  let update = () => {};

  /* Keys on the page: j and k begin at the first line, ? lists the keys, / searches. */
  const lines = () => all("tr[data-href]", table || document).filter(row => row.offsetParent !== null);
  document.addEventListener("keydown", event => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.target.closest("input, select, textarea, dialog")
    )
      return;
    if (event.key === "?") {
      event.preventDefault();
      document.getElementById("keys")?.showModal();
    }
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector(".page-head input[type=search]")?.focus();
    }
    const inside = event.target.closest("tr[data-href]");
    if ((event.key === "j" || event.key === "k") && inside !== event.target) {
      const rows = lines();
      rows[inside ? rows.indexOf(inside) + (event.key === "j" ? 1 : -1) : 0]?.focus();
    }
  });

  if (!form) return;
  const every = form.querySelector("[data-select-all]");
  const matching = form.querySelector("[data-select-matching]");
  const words = form.querySelector("[data-selected]");
  const none = form.querySelector("[data-select-none]");
  const whole = form.querySelector("[data-select-whole]");
  const said = form.querySelector("[data-said]");
  const bar = form.querySelector(".bulk");
  if (!matching) return;
  const boxes = () => all("input[data-select]", form).filter(box => !box.closest("tbody").hidden);
  every.hidden = false;

  update = () => {
    const shown = boxes();
    const picked = shown.filter(box => box.checked).length;
    const some = picked > 0 || matching.checked;
    words.textContent = matching.checked
      ? "All that match are selected"
      : picked
        ? `${picked} selected`
        : "None selected";
    /* A bar that was not there is not read out; this is. */
    if (said.textContent !== words.textContent && (some || !bar.classList.contains("idle")))
      said.textContent = words.textContent;
    none.hidden = !some;
    whole.hidden = matching.checked;
    every.checked = picked > 0 && picked === shown.length;
    every.indeterminate = picked > 0 && picked < shown.length;
    bar.classList.toggle("idle", !some);
    shown.forEach(box => {
      box.closest("tr").setAttribute("aria-selected", String(box.checked || matching.checked));
    });
  };

  /* Shift and click takes all between the last box and this one. */
  let last = null;
  form.addEventListener("click", event => {
    const box = event.target.closest("input[data-select]");
    if (!box) return;
    const shown = boxes();
    const from = shown.indexOf(last),
      to = shown.indexOf(box);
    if (event.shiftKey && from >= 0)
      shown.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(one => {
        one.checked = box.checked;
      });
    last = box;
    update();
  });
  form.addEventListener("change", () => setTimeout(update));
  document.addEventListener("htmx:afterSettle", update);
  /* The bar goes with what was selected, and with it the button that was pressed. */
  none.addEventListener("click", () => {
    matching.checked = false;
    all("input[data-select]", form).forEach(box => {
      box.checked = false;
    });
    update();
    every.focus();
  });
  whole.addEventListener("click", () => {
    matching.checked = true;
    update();
    matching.focus();
  });
  /* What is hidden again is not meant. */
  form.addEventListener("submit", () => {
    all("tbody[hidden] input[data-select]", form).forEach(box => {
      box.checked = false;
    });
  });
  update();
})();

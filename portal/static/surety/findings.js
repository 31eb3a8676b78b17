/* Lists: groups that open in place, selection and keyboard. The pages also work without this script. */
(() => {
  "use strict";
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const form = document.querySelector("form[data-selection]");
  const table = document.querySelector("table[data-walk]");

  /* The first click on a group fetches its rows (htmx); later clicks hide and show them. */
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

  /* Keyboard: j and k start at the first row, ? lists the shortcuts, / goes to the search. */
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
  const label = form.querySelector("[data-selected]");
  const none = form.querySelector("[data-select-none]");
  const whole = form.querySelector("[data-select-whole]");
  const announcement = form.querySelector("[data-announcement]");
  const bar = form.querySelector(".bulk");
  const boxes = () => all("input[data-select]", form).filter(box => !box.closest("tbody").hidden);
  if (!every || !bar) return;
  every.hidden = false;

  update = () => {
    const shown = boxes();
    const picked = shown.filter(box => box.checked).length;
    const isWhole = Boolean(matching?.checked);
    const some = picked > 0 || isWhole;
    label.textContent = isWhole
      ? "All matching findings selected"
      : picked
        ? `${picked} selected`
        : "None selected";
    /* Screen readers ignore a bar that appears, but read out this live region. */
    if (
      announcement &&
      announcement.textContent !== label.textContent &&
      (some || !bar.classList.contains("idle"))
    )
      announcement.textContent = label.textContent;
    none.hidden = !some;
    if (whole) whole.hidden = isWhole;
    every.checked = picked > 0 && picked === shown.length;
    every.indeterminate = picked > 0 && picked < shown.length;
    bar.classList.toggle("idle", !some);
    shown.forEach(box => {
      box.closest("tr").setAttribute("aria-selected", String(box.checked || isWhole));
    });
  };

  /* Shift-click selects everything between the last box and this one. */
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
  /* Clearing hides the bar with the focused button, so move the focus to the header's box. */
  none.addEventListener("click", () => {
    if (matching) matching.checked = false;
    all("input[data-select]", form).forEach(box => {
      box.checked = false;
    });
    update();
    every.focus();
  });
  whole?.addEventListener("click", () => {
    matching.checked = true;
    update();
    matching.focus();
  });
  /* Rows of closed groups are not submitted. */
  form.addEventListener("submit", () => {
    all("tbody[hidden] input[data-select]", form).forEach(box => {
      box.checked = false;
    });
  });
  update();
})();

/* Keyboard and pointer of every list. Rows of a table have data-href, or a link or box of their own; a row may have a
   link a.group-toggle that opens the group below it. Other lists consist of links (a.across-row, a.ask, a.fix-group).

   j, k and arrows move between rows (from anywhere on the page: to the first row, or from the current one, which has
   aria-current); Enter opens; x and Space select; b goes to the actions on the selected rows or to the decision on a
   request, u to the button that undoes the last action; ? shows the shortcuts; / goes to the list's search. A row
   dispatches the cancelable event "row:open" before its address is opened. */
(() => {
  "use strict";
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  // Rows in a closed fold have a layout, but are not visible and cannot have the focus.
  const isVisible = row => row.checkVisibility();
  const rowSelector = "#main tbody tr:is([data-href], :has(a[href], .select input))";
  const linkSelector = "#main a:is(.across-row, .ask, .fix-group)";
  /* In a findings list, j and k stay in the list; on other pages, j continues in the next table. */
  const rowsOf = () => {
    const own = document.querySelector("table[data-walk]");
    const rows = own ? all("tr[data-href]", own) : all(`${rowSelector}, ${linkSelector}`);
    return rows.filter(isVisible);
  };
  const boxOf = row => row.querySelector("input[data-select], .select input[type=checkbox]");
  /* The address of a row without data-href is that of its own link, or of its first link. */
  const linkOf = row => row.querySelector(".row-link") || row.querySelector("a[href]");
  /* Keys that belong to a control, a dialog or a menu are not for the list. */
  const isTyping = event =>
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.defaultPrevented ||
    event.target.closest("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]");

  const follow = (row, event) => {
    const toggle = row.querySelector("a.group-toggle");
    if (toggle) {
      toggle.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.button === 1) {
      window.open(row.dataset.href, "_blank", "noopener");
      return;
    }
    const opens = new CustomEvent("row:open", { bubbles: true, cancelable: true });
    if (row.dispatchEvent(opens)) window.location.assign(row.dataset.href);
  };

  document.addEventListener("click", event => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.defaultPrevented) return;
    const link = event.target.closest("a");
    if (link) {
      // The row's own link opens the row as a click on the row does; all other links work as usual.
      if (!link.matches(".row-link:not(.group-toggle)") || event.ctrlKey || event.metaKey || event.shiftKey)
        return;
      const opens = new CustomEvent("row:open", { bubbles: true, cancelable: true });
      if (!row.dispatchEvent(opens)) event.preventDefault();
      return;
    }
    if (event.target.closest("button, input, label, summary") || String(getSelection())) return;
    follow(row, event);
  });

  const buttons = {
    b: ":is(.bulk, .select-bar):not(.idle) :is(button, summary), form.decide textarea",
    u: ".toasts form button",
  };
  const step = key => ({ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 })[key];
  document.addEventListener("keydown", event => {
    if (isTyping(event)) return;
    const row = event.target.closest?.(`${rowSelector}, ${linkSelector}`);
    const onRow = row && event.target === row;
    if (event.key === "?") {
      event.preventDefault();
      document.getElementById("keys")?.showModal();
    } else if (event.key === "/") {
      const search = document.querySelector(".page-head input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    } else if (buttons[event.key]) {
      const button = all(buttons[event.key]).find(isVisible);
      if (button) {
        event.preventDefault();
        button.focus();
      }
    } else if (step(event.key)) {
      // Arrows scroll the page unless a row has the focus.
      if (!onRow && event.key.startsWith("Arrow")) return;
      const rows = rowsOf();
      const current = row || rows.find(one => one.matches("[aria-current]"));
      // The shown row gets the focus if no row follows.
      const next = current
        ? (rows[rows.indexOf(current) + step(event.key)] ?? (row ? undefined : current))
        : rows[0];
      if (next) {
        event.preventDefault();
        if (!next.matches("a, [tabindex]")) next.tabIndex = -1;
        next.focus();
        next.scrollIntoView({ block: "nearest" });
      }
    } else if (onRow && event.key === "Enter" && row.matches("tr")) {
      event.preventDefault();
      if (row.dataset.href) follow(row, event);
      else linkOf(row)?.click();
    } else if (row && (event.key === "x" || (onRow && event.key === " "))) {
      const box = boxOf(row);
      if (box) {
        event.preventDefault();
        box.click();
        row.setAttribute("aria-selected", String(box.checked));
      }
    }
  });
  /* The box in a table's head selects all boxes of the table. It is checked while all of them are, also after the browser
     has restored them. A bar appears when a row is selected. A list that handles its selection itself has
     data-select-all="own". */
  const countSelected = table => {
    const boxes = all("input[data-select]", table);
    const picked = boxes.filter(box => box.checked).length;
    const head = table.querySelector("input[data-select-all]");
    if (!head || head.dataset.selectAll === "own") return;
    head.checked = picked > 0 && picked === boxes.length;
    head.indeterminate = picked > 0 && picked < boxes.length;
    const bar = table.closest("form")?.querySelector(".select-bar");
    if (!bar) return;
    bar.querySelector("[data-selected-count]").textContent = `${picked} selected`;
    bar.classList.toggle("idle", !picked);
  };
  addEventListener("pageshow", () => all("table").forEach(countSelected));
  /* The whole cell of a box can be pressed, because the box alone is too small for a finger. */
  document.addEventListener(
    "click",
    event => {
      const box = event.target
        .closest(":is(td, th).select")
        ?.querySelector("input[type=checkbox]:not([hidden])");
      if (!box || event.target.closest("input, label, a, button")) return;
      event.preventDefault();
      event.stopPropagation();
      box.click();
    },
    true,
  );
  document.addEventListener("change", event => {
    const selectAll = event.target.closest("input[data-select-all]");
    if (selectAll && selectAll.dataset.selectAll !== "own")
      all("input[data-select]", selectAll.closest("table")).forEach(box => {
        box.checked = selectAll.checked;
      });
    const box = event.target.closest("input[data-select], input[data-select-all]");
    if (box?.closest("table")) countSelected(box.closest("table"));
  });
  /* A typed note about a request is kept in this tab while other requests are shown, until it is sent. */
  for (const field of all("textarea[data-draft]")) {
    const key = `draft:${field.dataset.draft}`;
    if (!field.value) field.value = sessionStorage.getItem(key) || "";
    field.addEventListener("input", () => {
      if (field.value) sessionStorage.setItem(key, field.value);
      else sessionStorage.removeItem(key);
    });
    field.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
})();

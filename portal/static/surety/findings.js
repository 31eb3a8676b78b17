/* The list of findings: groups that open in place, details beside the list, and selection. The page also works
   without this script: links lead to the same addresses. Keys are in lists.js. */
(() => {
  "use strict";
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const form = document.querySelector("form[data-selection]");

  /* The address keeps filters, open groups and the shown finding, so that it can be reloaded, shared and returned to. */
  const changed = change => {
    const query = new URLSearchParams(location.search);
    change(query);
    const text = query.toString();
    const next = form?.querySelector("[data-next-query]");
    if (next) next.value = text;
    return location.pathname + (text ? `?${text}` : "");
  };

  /* The first click on a group fetches its rows (htmx); later clicks hide and show them. */
  document.addEventListener("click", event => {
    const link = event.target.closest("a.group-toggle");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const rows = document.getElementById(link.dataset.group);
    event.preventDefault();
    const open = link.getAttribute("aria-expanded") !== "true";
    link.setAttribute("aria-expanded", String(open));
    rows.hidden = !open;
    const control = link.closest("tr").dataset.control;
    const address = changed(query => {
      const others = query.getAll("open").filter(one => one !== control);
      query.delete("open");
      for (const one of open ? [...others, control] : others) query.append("open", one);
    });
    history.replaceState(history.state, "", address);
    update();
  });
  let update = () => {};

  /* Counts that arrive while a button of the mouse or a finger is down are shown after the click: a new list of options
     can move a filter away from under the pointer, and a pressed option would be replaced. */
  let pressed = false;
  const waitingSwaps = [];
  addEventListener("pointerdown", () => {
    pressed = true;
  });
  for (const name of ["pointerup", "pointercancel"])
    addEventListener(name, () => {
      pressed = false;
      setTimeout(() => {
        if (pressed) return;
        for (const swap of waitingSwaps.splice(0)) swap();
      }, 50);
    });
  document.addEventListener("htmx:beforeSwap", event => {
    const { target, serverResponse, isError } = event.detail;
    if (!pressed || isError || !target.closest(".filter-bar")) return;
    event.preventDefault();
    const swapStyle = target.getAttribute("hx-swap") || "innerHTML";
    waitingSwaps.push(() => window.htmx.swap(target, serverResponse, { swapStyle }));
  });

  /* Details beside the list, from 960 px on. On smaller screens a row opens the finding's own page. */
  const work = document.querySelector("[data-work]");
  const panel = document.getElementById("finding-panel");
  const wide = matchMedia("(min-width: 60rem)");
  if (work && panel) {
    const parameter = work.dataset.param;
    const findings = () => all("tr.finding", work).filter(row => row.offsetParent !== null);
    const rowOf = id => all("tr.finding", work).find(row => row.dataset.id === id);
    let shown = "";

    /* The actions are at the end of the panel, so the panel ends where the window ends, however far the page is
       scrolled. */
    const fit = () => {
      if (!shown) return;
      const top = Math.max(0, panel.getBoundingClientRect().top);
      panel.style.setProperty("height", `max(20rem, ${innerHeight - top}px)`);
    };
    addEventListener("scroll", fit, { passive: true });
    addEventListener("resize", fit);
    document.addEventListener("htmx:afterSettle", fit);

    /* What somebody has entered for a finding, such as a plan, is kept while other findings are shown, and shown again
       with this finding: {action of the form: [[field, value], …]}. Ask before leaving the page with such an entry. */
    const drafts = new Map();
    const formsOf = () => all("form[method=post][action]", panel);
    const savedValue = field =>
      field.matches("select")
        ? (field.querySelector("option[selected]") || field.options[0])?.value
        : field.defaultValue;
    const entriesOf = form =>
      all("textarea[name], select[name], input[name]:not([type=hidden], [type=checkbox], [type=radio])", form)
        .filter(field => field.value !== savedValue(field))
        .map(field => [field.name, field.value]);
    const keepDrafts = () => {
      for (const form of formsOf()) {
        const entries = entriesOf(form);
        if (entries.length) drafts.set(form.getAttribute("action"), entries);
        else drafts.delete(form.getAttribute("action"));
      }
    };
    const restoreDrafts = () => {
      for (const form of formsOf())
        for (const [name, value] of drafts.get(form.getAttribute("action")) || []) {
          const field = form.elements.namedItem(name);
          if (field) field.value = value;
          const fold = form.closest("details");
          if (fold) fold.open = true;
        }
    };
    /* Sending a form of the list, of the panel or of a message leads back to the list, so keep the other entries in this
       tab until then. */
    const draftsKey = `drafts:${location.pathname}`;
    for (const [action, entries] of JSON.parse(sessionStorage.getItem(draftsKey) || "[]"))
      drafts.set(action, entries);
    sessionStorage.removeItem(draftsKey);
    let isSending = false;
    addEventListener("submit", event => {
      const sent = event.target;
      if (event.defaultPrevented || sent.method !== "post" || !sent.closest("[data-work], .toasts")) return;
      keepDrafts();
      drafts.delete(sent.getAttribute("action"));
      sessionStorage.setItem(draftsKey, JSON.stringify(Array.from(drafts)));
      isSending = true;
    });
    addEventListener("beforeunload", event => {
      if (isSending) return;
      const shownForms = formsOf().map(form => form.getAttribute("action"));
      if (Array.from(drafts.keys()).some(action => !shownForms.includes(action))) event.preventDefault();
    });

    const show = (id, address, focus) => {
      const url = address.split("?")[0] + location.search;
      shown = id;
      keepDrafts();
      for (const row of all("tr.finding[aria-current]", work)) row.removeAttribute("aria-current");
      rowOf(id)?.setAttribute("aria-current", "true");
      panel.hidden = false;
      work.classList.add("has-panel");
      fit();
      window.htmx.ajax("GET", url, { target: panel, swap: "innerHTML" }).then(() => {
        if (shown !== id) return;
        restoreDrafts();
        panel.scrollTop = 0;
        const rows = findings();
        const at = rows.findIndex(row => row.dataset.id === id);
        for (const button of all("[data-step]", panel))
          button.disabled = at < 0 || !rows[at + Number(button.dataset.step)];
        if (focus) panel.focus();
      });
    };
    const hide = () => {
      const row = rowOf(shown);
      keepDrafts();
      shown = "";
      panel.hidden = true;
      panel.replaceChildren();
      work.classList.remove("has-panel");
      row?.removeAttribute("aria-current");
      row?.focus();
    };
    /* The first finding is a new entry of the browser's history; moving on to others replaces the entry. */
    const open = (row, focus) => {
      if (shown === row.dataset.id) {
        if (focus) panel.focus();
        return;
      }
      const address = changed(query => query.set(parameter, row.dataset.id));
      if (shown) history.replaceState(history.state, "", address);
      else history.pushState({ panel: true }, "", address);
      show(row.dataset.id, row.dataset.panel, focus);
    };
    const close = () => {
      if (history.state?.panel) history.back();
      else {
        history.replaceState(
          null,
          "",
          changed(query => query.delete(parameter)),
        );
        hide();
      }
    };
    /* Show what the address says: after going back or forward, and when the page is opened. */
    const follow = () => {
      const id = new URLSearchParams(location.search).get(parameter);
      changed(() => {});
      if (!id) {
        if (shown) hide();
        return;
      }
      const page = `${location.pathname}${encodeURIComponent(id)}/`;
      if (!wide.matches) location.replace(page);
      else if (id !== shown) show(id, rowOf(id)?.dataset.panel || `${page}panel/${location.search}`, false);
    };
    document.addEventListener("row:open", event => {
      const row = event.target.closest("tr.finding");
      if (!row || !wide.matches) return;
      event.preventDefault();
      open(row, true);
    });
    let waiting = 0;
    work.addEventListener("focusin", event => {
      const row = event.target.closest("tr.finding");
      if (!row || !shown || row.dataset.id === shown || event.target !== row) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (shown && document.activeElement === row) open(row, false);
      }, 150);
    });
    document.addEventListener("click", event => {
      if (event.target.closest("[data-close-panel]")) close();
      const button = event.target.closest("[data-step]");
      if (button) {
        const rows = findings();
        const next = rows[rows.findIndex(row => row.dataset.id === shown) + Number(button.dataset.step)];
        if (next) {
          next.scrollIntoView({ block: "nearest" });
          open(next, false);
        }
      }
    });
    document.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !shown || event.defaultPrevented) return;
      if (document.querySelector("dialog[open], details.menu[open]")) return;
      if (event.target.closest("textarea, select")) return;
      close();
    });
    addEventListener("popstate", follow);
    follow();
    // The panel makes a short page higher, so the place can only be restored now.
    const top = document.documentElement.dataset.returned;
    if (shown && top) scrollTo(0, Number(top));
  }

  if (!form) return;
  /* Enter in a box or a day would press the form's first button, which is another action. In the menu of an action, it
     presses the button of this action. */
  form.addEventListener("keydown", event => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.closest(".menu-body")?.querySelector("button.primary").click();
  });
  /* Check only the fields of the menu: an invalid value in the closed menu of another action must not prevent this
     action. */
  form.addEventListener("click", event => {
    const menu = event.target.closest("button[formnovalidate]")?.closest(".menu-body");
    const fields = menu ? all("input, select, textarea", menu) : [];
    if (!fields.every(field => field.reportValidity())) event.preventDefault();
  });
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
  const inGroups = Boolean(form.querySelector("tr.group"));

  update = () => {
    const shown = boxes();
    const isWhole = Boolean(matching?.checked);
    if (isWhole) for (const box of shown) box.checked = true;
    const picked = shown.filter(box => box.checked).length;
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
    every.checked = isWhole || (!inGroups && picked > 0 && picked === shown.length);
    every.indeterminate = !every.checked && picked > 0;
    bar.classList.toggle("idle", !some);
    shown.forEach(box => {
      box.closest("tr").setAttribute("aria-selected", String(box.checked));
    });
  };
  const clear = () => {
    if (matching) matching.checked = false;
    for (const box of all("input[data-select]", form)) box.checked = false;
  };

  /* Shift-click selects everything between the last box and this one. */
  let last = null;
  form.addEventListener("click", event => {
    const box = event.target.closest("input[data-select]");
    if (!box) return;
    // Without one of them, not all matching findings are selected.
    if (!box.checked && matching) matching.checked = false;
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
  every.addEventListener("change", () => {
    // Groups hide most of the matching findings, so their box selects all matching ones.
    if (!every.checked) clear();
    else if (inGroups && matching) matching.checked = true;
    else for (const box of boxes()) box.checked = true;
  });
  matching?.addEventListener("change", () => {
    if (!matching.checked) clear();
  });
  form.addEventListener("change", () => setTimeout(update));
  document.addEventListener("htmx:afterSettle", () => update());
  /* Clearing hides the bar with the focused button, so move the focus to the header's box. */
  none.addEventListener("click", () => {
    clear();
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

  /* The selection survives opening a finding, acting and coming back, but not opening the list anew. */
  const key = `picked:${location.pathname}`;
  addEventListener("pagehide", () => {
    const picked = all("input[data-select]:checked", form).map(box => box.value);
    sessionStorage.setItem(key, JSON.stringify([picked, Boolean(matching?.checked)]));
  });
  const [picked, isWhole] = JSON.parse(sessionStorage.getItem(key) || "[[], false]");
  const navigation = performance.getEntriesByType("navigation")[0]?.type;
  if (document.documentElement.dataset.returned || ["back_forward", "reload"].includes(navigation)) {
    for (const box of all("input[data-select]", form)) box.checked = picked.includes(box.value);
    if (matching) matching.checked = isWhole;
  }
  update();
})();

/* Comments: typing @ lists the people who can be mentioned. Without this script, type the address.
   The box stays a plain textarea. The list follows the ARIA listbox pattern (aria-activedescendant):
   arrow keys move, Enter or Tab inserts, Escape closes. */
(() => {
  "use strict";
  // The mention before the caret; an @ inside a word does not start one.
  const TYPED = /(^|[^\w@.])@([\w.+-]*(?:@[\w.-]*)?)$/;
  const DELAY_MS = 120;

  document.querySelectorAll("form[data-mentions] textarea").forEach((box, number) => {
    const place = document.createElement("div");
    const list = document.createElement("ul");
    const status = document.createElement("div");
    place.className = "mentions";
    list.id = `mentions-${number}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People to mention");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    place.append(list, status);
    box.after(place);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("autocomplete", "off");

    const url = box.form.dataset.mentions;
    let timer = 0;
    let request = null;
    const options = () => Array.from(list.querySelectorAll("[role=option]"));
    const active = () => list.querySelector("[aria-selected=true]");
    const typed = () =>
      box.selectionStart === box.selectionEnd ? TYPED.exec(box.value.slice(0, box.selectionStart)) : null;

    const close = () => {
      clearTimeout(timer);
      if (request) request.abort();
      request = null;
      list.hidden = true;
      list.replaceChildren();
      status.textContent = "";
      box.removeAttribute("aria-activedescendant");
    };
    const choose = option => {
      for (const other of options()) other.setAttribute("aria-selected", String(other === option));
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };
    const insert = option => {
      const found = typed();
      const after = box.value.slice(box.selectionStart);
      if (found) {
        const begin = box.selectionStart - found[2].length;
        box.setRangeText(
          option.dataset.mention + (/^\s/.test(after) ? "" : " "),
          begin,
          box.selectionStart,
          "end",
        );
      }
      close();
    };
    const fetchPeople = async () => {
      const found = typed();
      if (!found) {
        close();
        return;
      }
      if (request) request.abort();
      const mine = new AbortController();
      request = mine;
      let answer;
      try {
        answer = await fetch(`${url}?q=${encodeURIComponent(found[2])}`, {
          signal: mine.signal,
          headers: { "HX-Request": "true" },
        });
      } catch {
        if (request === mine) close();
        return;
      } // Aborted, or the server is unreachable: the person can type the address.
      const html = answer.ok && !answer.redirected ? await answer.text() : "";
      if (request !== mine || !typed()) return;
      list.innerHTML = html;
      const people = options();
      list.hidden = !people.length;
      if (!people.length) {
        box.removeAttribute("aria-activedescendant");
        status.textContent = "No matching people";
        return;
      }
      const noun = people.length === 1 ? "person" : "people";
      status.textContent = `${people.length} ${noun}. Choose with the arrow keys, insert with Enter.`;
      choose(people[0]);
    };

    box.addEventListener("input", () => {
      clearTimeout(timer);
      if (typed()) timer = setTimeout(fetchPeople, DELAY_MS);
      else close();
    });
    box.addEventListener("keydown", event => {
      if (list.hidden || event.isComposing) return;
      const people = options();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        choose(people[(people.indexOf(active()) + step + people.length) % people.length]);
      } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && active()) {
        event.preventDefault();
        insert(active());
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (
        event.key === "ArrowLeft" ||
        event.key === "ArrowRight" ||
        event.key === "Home" ||
        event.key === "End"
      )
        close();
    });
    box.addEventListener("blur", close);
    // mousedown comes before the box loses the focus and closes the list.
    list.addEventListener("mousedown", event => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) insert(option);
    });
  });
})();

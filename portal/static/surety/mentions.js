/* Comments: an @ offers the people who can be mentioned. Without it the address is typed, as the hint says.
   The box stays a plain textarea; the list follows the listbox pattern, with the active option named by
   aria-activedescendant: arrows walk, Enter or Tab takes, Escape closes. */
(() => {
  "use strict";
  // What is typed of a mention before the caret; an @ inside of a word begins none.
  const TYPED = /(^|[^\w@.])@([\w.+-]*(?:@[\w.-]*)?)$/;
  const PAUSE = 120;

  document.querySelectorAll("form[data-mentions] textarea").forEach((box, number) => {
    const place = document.createElement("div");
    const list = document.createElement("ul");
    const said = document.createElement("div");
    place.className = "mentions";
    list.id = `mentions-${number}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People to mention");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    place.append(list, said);
    box.after(place);
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("autocomplete", "off");

    const url = box.form.dataset.mentions;
    let timer = 0;
    let asking = null;
    const options = () => Array.from(list.querySelectorAll("[role=option]"));
    const active = () => list.querySelector("[aria-selected=true]");
    const typed = () =>
      box.selectionStart === box.selectionEnd ? TYPED.exec(box.value.slice(0, box.selectionStart)) : null;

    const close = () => {
      clearTimeout(timer);
      if (asking) asking.abort();
      asking = null;
      list.hidden = true;
      list.replaceChildren();
      said.textContent = "";
      box.removeAttribute("aria-activedescendant");
    };
    const choose = option => {
      for (const other of options()) other.setAttribute("aria-selected", String(other === option));
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };
    const take = option => {
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
    const ask = async () => {
      const found = typed();
      if (!found) {
        close();
        return;
      }
      if (asking) asking.abort();
      const mine = new AbortController();
      asking = mine;
      let answer;
      try {
        answer = await fetch(`${url}?q=${encodeURIComponent(found[2])}`, {
          signal: mine.signal,
          headers: { "HX-Request": "true" },
        });
      } catch {
        if (asking === mine) close();
        return;
      } // aborted, or the server is away: one types on
      const html = answer.ok && !answer.redirected ? await answer.text() : "";
      if (asking !== mine || !typed()) return;
      list.innerHTML = html;
      const people = options();
      list.hidden = !people.length;
      if (!people.length) {
        box.removeAttribute("aria-activedescendant");
        said.textContent = "Nobody found to mention";
        return;
      }
      said.textContent = `${people.length} ${people.length === 1 ? "person" : "people"} to mention; arrow keys choose, Enter takes`;
      choose(people[0]);
    };

    box.addEventListener("input", () => {
      clearTimeout(timer);
      if (typed()) timer = setTimeout(ask, PAUSE);
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
        take(active());
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
    // Before the box loses the focus.
    list.addEventListener("mousedown", event => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) take(option);
    });
  });
})();

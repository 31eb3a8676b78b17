/* The site's JavaScript. Pages also work without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

  /* Theme: the server stores the choice in a cookie; the page changes immediately. */
  document.addEventListener("submit", event => {
    const form = event.target.closest("form[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const choice = data.get("theme");
    fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } }).then(answer => {
      if (!answer.ok) {
        form.submit();
        return;
      }
      if (choice === "system") root.removeAttribute("data-theme");
      else root.dataset.theme = choice;
      for (const button of all("button[name=theme]", form)) {
        button.setAttribute("aria-pressed", String(button.value === choice));
      }
    });
  });

  /* What a person has typed and selected stays in this tab when their session ends. If somebody else signs in, delete
     it before any script shows it. */
  const { person } = document.body.dataset;
  if (person && sessionStorage.getItem("person") !== person) {
    sessionStorage.clear();
    sessionStorage.setItem("person", person);
  }

  /* Restore the scroll position after a form that returns to the same page. Forms that post to their own address
     are excluded, because they show errors at the top. Scripts may change the address while the page is open. */
  const here = () => location.pathname + location.search;
  const keepPlace = () => sessionStorage.setItem("scroll", JSON.stringify([here(), scrollY]));
  document.addEventListener("submit", event => {
    for (const field of all("input[data-here]", event.target)) field.value = here();
    // Read the attribute: form.action may be a field named "action".
    const action = event.submitter?.getAttribute("formaction") || event.target.getAttribute("action") || "";
    if (
      event.target.getAttribute("method") !== "post" ||
      new URL(action, location.href).pathname === location.pathname
    )
      return;
    keepPlace();
  });
  const [place, height] = JSON.parse(sessionStorage.getItem("scroll") || "[]");
  sessionStorage.removeItem("scroll");
  if (place === here() && !location.hash) {
    // findings.js restores the selection and the place in the list if this is set.
    root.dataset.returned = String(height);
    scrollTo(0, height);
  }

  /* The sidebar of an organization is longer than most windows: bring the current entry into view. */
  const rail = document.querySelector(".rail");
  const current = rail?.querySelector("[aria-current]");
  if (current && current.offsetTop + current.offsetHeight > rail.clientHeight)
    rail.scrollTop = current.offsetTop - rail.clientHeight / 2;

  /* Lists (table data-walk) remember their whole address with open groups. A link with data-list leads back to it if it
     has the same path; without a script, the link leads to the list with its filters. */
  const list = document.querySelector("table[data-walk]");
  if (list)
    addEventListener("pagehide", () => {
      sessionStorage.setItem(`list:${location.pathname}`, JSON.stringify([location.search, scrollY]));
    });
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-list]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const [search, top] = JSON.parse(sessionStorage.getItem(`list:${link.pathname}`) || "[]");
    if (search === undefined || !isSameView(search, link.search)) return;
    sessionStorage.setItem("scroll", JSON.stringify([link.pathname + search, top]));
    link.search = search;
  });
  const isSameView = (one, other) => {
    const view = text => {
      const query = new URLSearchParams(text);
      for (const name of ["open", "finding", "page", "facets", "tags"]) query.delete(name);
      query.sort();
      return query.toString();
    };
    return view(one) === view(other);
  };

  /* Menus (<details class=menu>, and “More” on phones): only one is open; Escape and a click outside close it. */
  const closeMenus = except =>
    all("details:is(.menu, .more)[open]").forEach(m => {
      if (m !== except) m.open = false;
    });
  document.addEventListener("click", event => closeMenus(event.target.closest("details:is(.menu, .more)")));

  /* Details stay folded or open, as the person left them, when a part of the page is refreshed. */
  const folds = new Map();
  document.addEventListener("htmx:beforeSwap", () => {
    folds.clear();
    for (const fold of all("details.fold[id]")) folds.set(fold.id, fold.open);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const fold of all("details.fold[id]")) if (folds.has(fold.id)) fold.open = folds.get(fold.id);
  });

  /* Dialogs: data-dialog="id" opens, data-close closes. */
  const open = id => {
    const d = document.getElementById(id);
    if (d && !d.open) {
      closeMenus();
      d.showModal();
    }
    return d;
  };
  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && open(opener.dataset.dialog)) {
      event.preventDefault();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      const d = closer.closest("dialog, .toast");
      if (d) {
        if (d.close) d.close();
        else d.remove();
      }
    }
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  /* Palette: Ctrl-K or Cmd-K; arrows move through the results. */
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const palette = open("palette");
      if (palette) {
        event.preventDefault();
        palette.querySelector("input").select();
      }
    }
    if (event.key === "Escape") {
      const menu = document.querySelector("details:is(.menu, .more)[open]");
      if (menu) {
        // The same Escape must not also close the details beside a list.
        event.preventDefault();
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });
  const palette = document.getElementById("palette");
  if (palette) {
    const box = palette.querySelector("input");
    const results = () => all(".palette-results .menu-item", palette);
    let waiting = false;
    // Enter waits for the results of the current text instead of opening an older result.
    const isCurrent = () => palette.querySelector("[data-q]")?.dataset.q === box.value.trim();
    // A search field would use the first Escape to clear its text.
    box.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      palette.close();
    });
    palette.addEventListener("keydown", event => {
      const items = results();
      const at = items.indexOf(document.activeElement);
      if (event.key === "ArrowDown" && items.length) {
        event.preventDefault();
        items[Math.min(at + 1, items.length - 1)].focus();
      }
      if (event.key === "ArrowUp") {
        event.preventDefault();
        (at > 0 ? items[at - 1] : box).focus();
      }
      if (event.key === "Enter" && at < 0) {
        event.preventDefault();
        if (isCurrent()) items[0]?.click();
        else waiting = true;
      }
    });
    palette.addEventListener("htmx:afterSettle", () => {
      if (waiting && isCurrent()) {
        waiting = false;
        results()[0]?.click();
      }
    });
    box.addEventListener("input", () => {
      waiting = false;
    });
  }

  /* Outside of fields and dialogs, g and a letter open a page. Lists have their keys in lists.js, which comes later: a
     page's letter is not for the list. */
  const isTyping = event =>
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]");
  const keyTimeout = 1500;
  let goPressedAt = Number.NEGATIVE_INFINITY;
  document.addEventListener("keydown", event => {
    if (isTyping(event)) return;
    const isSecond = event.timeStamp - goPressedAt < keyTimeout;
    goPressedAt = event.key === "g" && !isSecond ? event.timeStamp : Number.NEGATIVE_INFINITY;
    if (isSecond) {
      const link = document.querySelector(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!link) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      link.click();
    }
  });

  /* Copy buttons: data-copy names the element whose text is copied. */
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const word = button.querySelector("[data-word]");
    let feedback = "Copied";
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      getSelection().selectAllChildren(source);
      feedback = "Selected: press Ctrl-C";
    }
    const before = word.textContent;
    word.textContent = feedback;
    setTimeout(() => {
      word.textContent = before === feedback ? "Copy" : before;
    }, 1800);
  });

  document.addEventListener("change", event => {
    const auto = event.target.closest("form[data-auto]");
    if (auto) auto.requestSubmit();
  });

  /* Drop a file on the zone of a file input. */
  all(".dropzone").forEach(zone => {
    const input = zone.querySelector("input[type=file]");
    const mark = on => event => {
      event.preventDefault();
      zone.classList.toggle("over", on);
    };
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, mark(true));
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, mark(false));
    zone.addEventListener("drop", event => {
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  });

  /* Long lists of check boxes (details.choices): their number, and a field that hides the boxes without its text. */
  const countChosen = list => {
    list.querySelector("[data-count]").textContent = all("input:checked", list).length;
  };
  const readyChoices = () =>
    all("details.choices").forEach(list => {
      list.querySelector("input[type=search]").hidden = false;
      countChosen(list);
    });
  document.addEventListener("change", event => {
    const list = event.target.closest("details.choices");
    if (list && event.target.type === "checkbox") countChosen(list);
  });
  const filterChoices = event => {
    if (!event.target.matches("details.choices > input[type=search]")) return;
    event.stopPropagation(); // The text is no value of the form, so its preview stays.
    const text = event.target.value.trim().toLowerCase();
    for (const label of all("label", event.target.parentElement))
      label.parentElement.hidden = !label.textContent.toLowerCase().includes(text);
  };
  for (const name of ["input", "change"]) document.addEventListener(name, filterChoices, true);
  document.addEventListener(
    "keydown",
    event => {
      if (event.key === "Enter" && event.target.matches("details.choices > input[type=search]"))
        event.preventDefault();
    },
    true,
  );
  readyChoices();
  document.addEventListener("htmx:afterSwap", readyChoices);

  /* Uploads (form data-upload) show how much was sent. The answer is the page with errors, or names the page to open. */
  document.addEventListener("submit", event => {
    const form = event.target.closest("form[data-upload]");
    const shown = form?.querySelector("[data-upload-progress]");
    if (!shown) return;
    event.preventDefault();
    const bar = shown.querySelector("progress");
    const text = shown.querySelector("[role=status]");
    const buttons = all("button", form);
    const sending = new XMLHttpRequest();
    sending.upload.addEventListener("progress", sent => {
      if (sent.lengthComputable) bar.value = Math.round((100 * sent.loaded) / sent.total);
    });
    sending.upload.addEventListener("load", () => {
      text.textContent = "Uploaded. Reading the file…";
    });
    sending.addEventListener("load", () => {
      const target = sending.getResponseHeader("X-Surety-Location");
      if (target) {
        location.assign(target);
        return;
      }
      const answer = new DOMParser().parseFromString(sending.responseText, "text/html");
      const corrected = answer.querySelector("form[data-upload]");
      if (corrected) {
        form.replaceWith(corrected);
        corrected.querySelector("[aria-invalid=true]")?.focus();
        return;
      }
      text.textContent = answer.querySelector("h1")?.textContent || "The upload failed. Try again.";
      for (const button of buttons) button.disabled = false;
    });
    sending.addEventListener("error", () => {
      text.textContent = "The server could not be reached. Try again.";
      for (const button of buttons) button.disabled = false;
    });
    sending.open("POST", form.getAttribute("action") || location.href);
    sending.setRequestHeader("X-Surety-Upload", "1");
    for (const button of buttons) button.disabled = true;
    shown.hidden = false;
    text.textContent = "Uploading…";
    sending.send(new FormData(form));
  });

  /* Security keys and passkeys: say beside the button why the browser used none. Without this, allauth writes the reason
     only to the console. */
  document.addEventListener("allauth.error", event => {
    event.preventDefault();
    const button = document.querySelector("[id^=mfa_webauthn_], #passkey_login");
    if (!button) return;
    const said = document.querySelector("[data-key-error]") || document.createElement("div");
    said.dataset.keyError = "";
    said.className = "notice role-fail";
    said.setAttribute("role", "alert");
    said.textContent = keyError(event.detail.exception?.name);
    (button.closest(".form-actions") || button).after(said);
  });
  const keyError = name => {
    const { hostname, protocol, port } = location;
    if (["127.0.0.1", "[::1]"].includes(hostname))
      return `Browsers use security keys and passkeys only at a host name. Open ${protocol}//localhost${port && `:${port}`}, and sign in there.`;
    if (/^[\d.]+$|^\[/.test(hostname))
      return "Browsers use security keys and passkeys only at a host name, not at an IP address. Open Surety at its host name.";
    if (!window.PublicKeyCredential)
      return "This browser offers no security keys and passkeys here. Open Surety at its https address in a current browser.";
    if (name === "InvalidStateError") return "This security key is already added to your account.";
    if (name === "NotAllowedError")
      return "No security key or passkey was used: the dialog was closed or took too long, or this device has none for the account. Try again.";
    return "No security key or passkey could be used. Try again in a minute.";
  };

  /* htmx: send the CSRF token with unsafe requests; show a message when the server cannot be reached. */
  document.addEventListener("htmx:configRequest", event => {
    const token = document.querySelector("meta[name=csrf-token]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
  });
  const offline = on => {
    const bar = document.getElementById("offline");
    if (bar) bar.hidden = !on;
  };
  document.addEventListener("htmx:sendError", () => offline(true));
  document.addEventListener("htmx:afterOnLoad", () => offline(false));
})();

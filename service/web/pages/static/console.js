// The testers' console: answers appear without leaving the page, files may be dropped, feedback is sent. All of it works in parts
// without this file: the form is a form.
"use strict";

const root = document.documentElement;
const form = document.getElementById("console");
const text = document.getElementById("text");
const example = document.getElementById("example");
const file = document.getElementById("file");

// ---------------------------------------------------------------- what is sent: one of example, text, file

function take(chosen) {
  chosen.text().then((read) => {
    text.value = read;
    example.value = "";
    file.value = "";
  });
}

example.addEventListener("change", () => {
  if (example.value) text.value = "";
});
text.addEventListener("input", () => {
  if (text.value) example.value = "";
});
file.addEventListener("change", () => {
  if (file.files.length) take(file.files[0]);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  text.addEventListener(kind, (event) => {
    event.preventDefault();
    text.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    else if (kind === "drop") text.value = event.dataTransfer.getData("text");
  });
}

// ---------------------------------------------------------------- ask: only the answer is exchanged

function answerOf(markup) {
  return new DOMParser().parseFromString(markup, "text/html").getElementById("answer");
}

async function ask(button) {
  const answer = document.getElementById("answer");
  const isWhatIf = button?.value === "what-if";
  answer.setAttribute("aria-busy", "true");
  try {
    const sent = new FormData(form, button);
    const response = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/html" } });
    const found = answerOf(await response.text());
    if (!found) throw new Error("no answer");
    const opened = [...answer.querySelectorAll("details")].map((element) => element.open);
    answer.replaceWith(found);
    if (isWhatIf && !found.querySelector(":scope > .failure")) {
      const folds = [...found.querySelectorAll(".card-box details")];
      folds.forEach((element, place) => (element.open = opened[place] ?? element.open));
      document.getElementById("what-if")?.scrollIntoView({ block: "start" });
      document.getElementById("fact")?.focus({ preventScroll: true });
    } else {
      found.scrollIntoView({ block: "nearest" });
      found.focus({ preventScroll: true });
    }
  } catch {
    answer.textContent = form.dataset.failed;
  } finally {
    document.getElementById("answer").removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  // Another language is another page; what opens beside this one does so without us.
  if (button?.formTarget === "_blank" || document.getElementById("language").value !== root.lang) return;
  event.preventDefault();
  ask(button);
});

// ---------------------------------------------------------------- what if: the value is chosen where there is a list of them

function valueField(name) {
  const values = JSON.parse(document.getElementById("fact-values").textContent);
  const asked = values[name] ?? { kind: "" };
  const old = document.getElementById("value");
  const made = document.createElement(asked.kind === "list" ? "select" : "input");
  if (asked.kind === "list") {
    for (const [value, said] of [...asked.values, ["null", old.dataset.notKnown]]) made.add(new Option(said, value));
  } else {
    made.autocomplete = "off";
    made.inputMode = asked.kind === "integer" || asked.kind === "age" ? "numeric" : "text";
    if (asked.kind === "date") made.placeholder = "2026-11-22";
  }
  made.id = "value";
  made.name = "value";
  made.dataset.notKnown = old.dataset.notKnown;
  made.setAttribute("form", "console");
  old.replaceWith(made);
}

// ---------------------------------------------------------------- feedback: what is sent, and what is answered

function shown(tag, name, content) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = content;
  return element;
}

async function tell(place, item) {
  const body = { feedback: [{ card: place.dataset.card, outcomeTimestamp: new Date().toISOString(), ...item }] };
  const told = place.querySelector(".told");
  told.replaceChildren(shown("p", "", `${place.dataset.sent}: POST ${place.dataset.address}`), shown("pre", "", JSON.stringify(body, null, 2)));
  try {
    const response = await fetch(place.dataset.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    const line = shown("p", response.ok ? "status" : "status bad", `${place.dataset.answered}: ${response.status} ${response.statusText}`);
    told.append(line, shown("pre", "", await response.text()));
  } catch {
    told.append(shown("p", "status bad", form.dataset.failed));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.feedback")) return;
  event.preventDefault();
  const { reason, comment } = event.target.elements;
  const why = {};
  if (reason.value) {
    const system = reason.selectedOptions[0].dataset.system;
    why.reason = { code: reason.value, ...(system && { system }) };
  }
  if (comment.value) why.userComment = comment.value;
  tell(event.target, { outcome: "overridden", ...(Object.keys(why).length && { overrideReason: why }) });
});

document.addEventListener("click", async (event) => {
  const accept = event.target.closest(".accept");
  if (accept) {
    const place = accept.closest(".card-box").querySelector("form.feedback");
    tell(place, { outcome: "accepted", acceptedSuggestions: [{ id: accept.dataset.suggestion }] });
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
    copy.textContent = copy.dataset.done;
  }
});

document.addEventListener("change", (event) => {
  if (event.target.id === "fact") valueField(event.target.value);
});

root.classList.add("scripted");

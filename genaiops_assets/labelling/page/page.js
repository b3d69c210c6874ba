"use strict";
// One rater at work: shows an item, takes a key, sends it, shows the next. What it says stands in words.js.
const $ = (id) => document.getElementById(id);
const TOKEN = location.hash.slice(1);
const SETTLE = 350; // milliseconds in which a key does not yet count for a new item: nobody has seen it
const MARK = 160; // milliseconds for which the choice is marked before the next item comes
let language = remembered("language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let state = null, busy = false, since = 0, spent = 0, running = 0, improved = "left", noticeTimer = 0;

function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`genaiops-label-${name}`, value);
    return localStorage.getItem(`genaiops-label-${name}`);
  } catch (error) { return null; }
}

async function ask(path, told) {
  const options = { headers: { "x-genaiops-token": TOKEN }, cache: "no-store" };
  if (told) Object.assign(options, { method: "POST", body: JSON.stringify(told) });
  if (told) options.headers["content-type"] = "application/json";
  const answer = await fetch(path, options);
  return { status: answer.status, body: await answer.json() };
}

// --- what is shown ----------------------------------------------------------------------------------------------------

function say() {
  const words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  for (const one of document.querySelectorAll("[data-title]")) one.title = words[one.dataset.title];
  $("switch").textContent = words.other_language;
  const keys = words.keys.filter(([names]) => names[0] !== "E" || !state || state.can_edit);
  $("keys").replaceChildren(...keys.flatMap(([names, meaning]) => [made("dt", names.map((n) => made("kbd", n))), made("dd", meaning)]));
}

function made(tag, content) {
  const one = document.createElement(tag);
  one.append(...(Array.isArray(content) ? content : [content]));
  return one;
}

function show() {
  const words = WORDS[language], item = state && state.item;
  say();
  $("closed").hidden = Boolean(state);
  $("rating").hidden = !item;
  $("over").hidden = !state || Boolean(item);
  $("choices").hidden = !state;
  for (const one of document.querySelectorAll("[data-choice]")) one.hidden = !item || (one.dataset.choice === "edit" && !state.can_edit);
  $("show-guideline").hidden = $("show-help").hidden = !state;
  if (!state) return;
  const { done, total, seconds_left } = state.progress;
  $("title").textContent = state.title;
  $("rater").textContent = state.rater;
  $("bar").style.width = `${total ? (100 * done) / total : 0}%`;
  const left = seconds_left === null || !item ? "" : seconds_left < 60 ? words.soon : words.minutes(Math.round(seconds_left / 60));
  $("progress").textContent = [words.progress(Math.min(done + (item ? 1 : 0), total), total), left].filter(Boolean).join(" · ");
  $("over-text").textContent = words.over_text(done);
  prose($("guideline-text"), state.guideline.texts[language]);
  $("guideline-version").textContent = state.guideline.version;
  if (item) showItem(item, words);
}

function showItem(item, words) {
  const lang = state.language;
  for (const [id, text] of [["question", item.question], ["left-text", item.left], ["right-text", item.right]]) {
    $(id).lang = lang;
    $(id).textContent = text.trim() || words.nothing;
    $(id).classList.toggle("empty", !text.trim());
  }
  $("left").className = $("right").className = "answer";
  $("no-answer").hidden = item.answerable;
  $("basis").hidden = !item.basis.length;
  $("basis-label").textContent = state.can_edit ? words.passages : words.reference;
  $("basis-texts").lang = lang;
  $("basis-texts").replaceChildren(...item.basis.map((text) => made("p", text)));
}

// The guideline is plain text with paragraphs, "1." at the start of a line and **strong** words. It is never HTML.
function prose(where, text) {
  const paragraphs = text.split(/\n\s*\n|\n(?=\d+\. )/).filter((part) => part.trim());
  where.replaceChildren(...paragraphs.map((part) => {
    const pieces = part.trim().split(/\*\*(.+?)\*\*/);
    return made("p", pieces.map((piece, n) => (n % 2 ? made("strong", piece) : piece)));
  }));
}

function notice(text) {
  clearTimeout(noticeTimer);
  $("notice").textContent = text;
  $("notice").hidden = false;
  noticeTimer = setTimeout(() => { $("notice").hidden = true; }, 3500);
}

// --- time: only while the item can be seen -----------------------------------------------------------------------------

const reading = () => !document.hidden && !$("guideline").open && !$("help").open;
function tick() {
  const now = performance.now();
  if (running) spent += now - running;
  running = reading() ? now : 0;
}

function arrived(found) {
  const before = state && state.item && state.item.id;
  if (!state) $("basis").open = !found.can_edit; // one short answer; passages are long, and stay as the rater leaves them
  state = found;
  show();
  if (!state.item || state.item.id !== before) {
    spent = 0;
    since = performance.now();
    scrollTo(0, 0);
  }
  running = 0;
  tick();
}

// --- what a person does -------------------------------------------------------------------------------------------------

async function rate(choice, more = {}) {
  if (busy || !state || !state.item || performance.now() - since < SETTLE) return "";
  busy = true;
  tick();
  mark(choice);
  try {
    const told = { item: state.item.id, choice, seconds: Math.round(spent / 10) / 100, ...more };
    const [answer] = await Promise.all([ask("/api/rate", told), new Promise((go) => setTimeout(go, MARK))]);
    if (answer.status === 200) { arrived(answer.body); return ""; }
    if (answer.status === 409) { notice(WORDS[language].twice); await load(); return ""; }
    if (answer.status === 403) { state = null; show(); return ""; }
    show();
    return answer.body.error;
  } catch (error) {
    show();
    return WORDS[language].not_saved;
  } finally { busy = false; }
}

function mark(choice) {
  if (choice !== "left" && choice !== "right") return;
  $(choice).classList.add("chosen");
  $(choice === "left" ? "right" : "left").classList.add("passed");
}

async function choose(choice) {
  if (choice === "edit") { openEditor(); return; }
  const problem = await rate(choice);
  if (problem) notice(problem);
}

async function undo() {
  if (busy || !state) return;
  busy = true;
  try {
    const answer = await ask("/api/undo", {});
    if (answer.status === 200) { arrived(answer.body); notice(WORDS[language][answer.body.undone ? "undone" : "nothing_to_undo"]); }
    else notice(answer.body.error);
  } catch (error) { notice(WORDS[language].not_saved); }
  finally { busy = false; }
}

async function load() {
  const answer = await ask("/api/state");
  if (answer.status === 200) arrived(answer.body); else { state = null; show(); }
}

function openEditor() {
  if (busy || !state || !state.item || !state.can_edit) return;
  startFrom("left");
  $("editor-problem").hidden = true;
  $("editor").showModal();
  $("written").focus();
}

function startFrom(side) {
  improved = side;
  $("written").value = state.item[side];
  $("written").lang = state.language;
  for (const one of document.querySelectorAll("[data-from]")) one.setAttribute("aria-pressed", String(one.dataset.from === side));
}

function problemOf(text) {
  const words = WORDS[language], plain = (one) => one.replace(/\s+/g, " ").trim();
  if (!plain(text)) return words.empty_edit;
  return [state.item.left, state.item.right].map(plain).includes(plain(text)) ? words.unchanged_edit : "";
}

async function saveEdit() {
  const problem = problemOf($("written").value) || await rate("edit", { written: $("written").value, improved });
  if (problem) { $("editor-problem").textContent = problem; $("editor-problem").hidden = false; return; }
  $("editor").close();
}

// A key by what it writes; where an input method keeps that to itself, by its place.
function keyOf(event) {
  const placed = { Digit1: "1", Numpad1: "1", Digit2: "2", Numpad2: "2", Equal: "=", Slash: "?" }[event.code] || event.code.replace(/^Key/, "").toLowerCase();
  return (event.key.length === 1 || event.key.startsWith("Arrow") ? event.key : placed).toLowerCase();
}

const KEYS = {
  "1": () => choose("left"), arrowleft: () => choose("left"), "2": () => choose("right"), arrowright: () => choose("right"),
  "=": () => choose("tie"), "＝": () => choose("tie"), s: () => choose("skip"), e: () => choose("edit"), u: undo,
  "?": () => open("help"), "？": () => open("help"), g: () => open("guideline"),
  b: () => { if (state && state.item) $("basis").open = !$("basis").open; },
};

function open(name) {
  if (!state) return;
  tick();
  $(name).showModal();
}

document.addEventListener("keydown", (event) => {
  if ($("editor").open) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); saveEdit(); }
    return;
  }
  if (document.querySelector("dialog[open]") || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[keyOf(event)];
  if (act) { event.preventDefault(); act(); }
});
for (const one of document.querySelectorAll("[data-choice]")) one.addEventListener("click", () => choose(one.dataset.choice));
for (const side of ["left", "right"]) $(side).addEventListener("click", () => { if (!String(getSelection())) choose(side); });
for (const one of document.querySelectorAll("[data-from]")) one.addEventListener("click", () => startFrom(one.dataset.from));
for (const name of ["guideline", "help"]) {
  $(`show-${name}`).addEventListener("click", () => open(name));
  $(name).addEventListener("close", () => { tick(); since = performance.now(); });
}
$("guideline").addEventListener("close", () => remembered("guideline", state.guideline.version));
$("undo").addEventListener("click", undo);
$("editor-cancel").addEventListener("click", () => $("editor").close());
$("editor-save").addEventListener("click", saveEdit);
$("written").addEventListener("input", () => { $("editor-problem").hidden = true; });
$("switch").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; remembered("language", language); show(); });
document.addEventListener("visibilitychange", tick);
addEventListener("hashchange", () => location.reload());

load().catch(() => show()).then(() => {
  if (state && state.item && remembered("guideline") !== state.guideline.version) open("guideline");
});

// The page of a round: follows its events, and moves figures and pictures as gifts come in.

import { assetOf, money } from "./amounts.js";

const board = document.getElementById("board");
const wide = 1000n; // of a picture
const most = 200; // projects that the page shows

function follow() {
  const { id, status } = board.dataset;
  const events = new EventSource(`/v1/rounds/${id}/events`);
  const seen = ({ data }) => {
    const { round, estimate } = JSON.parse(data);
    if (round.status !== status) {
      events.close();
      return moved();
    }
    show(round, estimate);
  };
  for (const name of ["announced", "applications", "review", "gifts", "closed", "final", "void"]) events.addEventListener(name, seen);
  addEventListener("pagehide", () => events.close());
}

// moved says that the page lacks what has happened since; the reader decides when to leave it.
function moved() {
  const note = document.createElement("div");
  note.className = "note wait";
  const line = note.appendChild(document.createElement("p"));
  const again = line.appendChild(document.createElement("a"));
  again.href = location.pathname;
  again.textContent = "The round has gone on: look again";
  document.getElementById("said").replaceChildren(note);
}

function show(round, estimate) {
  const asset = assetOf(board.dataset);
  text(document.getElementById("pool"), money(round.pool, asset));
  text(document.getElementById("gifts"), new Intl.NumberFormat("en").format(round.gifts));
  if (!estimate) return;
  const now = new Map(estimate.projects.map((p) => [p.project, p]));
  const counts = (row) => now.has(row.dataset.project);
  const all = [...board.querySelectorAll("[data-project]")];
  all.filter((row) => !counts(row)).forEach((row) => row.remove()); // withdrawn meanwhile
  const rows = all.filter(counts);
  if (rows.length < Math.min(estimate.projects.length, most)) moved(); // a project has come that only the server can show
  const widest = estimate.projects.map(total).reduce((a, b) => (a > b ? a : b), 0n);
  rows.forEach((row) => fill(row, now.get(row.dataset.project), widest, asset));
  sort(rows, now);
}

const total = (p) => BigInt(p.sum) + BigInt(p.amount);

function fill(row, p, widest, asset) {
  const given = row.querySelector("[data-is=given]");
  if (!given) return; // a sealed round shows no figures
  text(given, money(p.sum, asset));
  text(row.querySelector("[data-is=match]"), money(p.amount, asset));
  text(row.querySelector("[data-is=donors]"), p.donors === 1 ? "1 person" : `${new Intl.NumberFormat("en").format(p.donors)} people`);
  const end = (n) => (widest ? (n * wide) / widest : 0n);
  const middle = end(BigInt(p.sum));
  part(row.querySelector("rect.given"), 0n, middle);
  part(row.querySelector("rect.match"), middle, end(total(p)) - middle);
  row.querySelector("svg").setAttribute("aria-label", `given ${money(p.sum, asset)}, match ${money(p.amount, asset)}`);
}

function part(rect, from, width) {
  rect.setAttribute("x", from);
  rect.setAttribute("width", width);
}

const text = (element, words) => element.textContent !== words && (element.textContent = words);

// sort puts the largest first, unless the reader is in the list.
function sort(rows, now) {
  if (board.contains(document.activeElement)) return;
  const order = [...rows].sort((a, b) => compare(now.get(a.dataset.project), now.get(b.dataset.project)));
  if (order.some((row, i) => row !== rows[i])) board.append(...order);
}

function compare(a, b) {
  for (const by of ["amount", "sum"]) if (a[by] !== b[by]) return BigInt(a[by]) < BigInt(b[by]) ? 1 : -1;
  return a.project < b.project ? -1 : 1;
}

if (board) follow();

// The pages on which a project's owner applies, changes, appeals and withdraws.

import { fromFile, offerKeys, signer } from "./holder.js";
import { fileOf, moveText } from "./move.js";
import { at, busy, post } from "./page.js";
import { message } from "./signing.js";

const form = at("move");

function prepare() {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(at("sign"), "It is being signed …", move);
  });
  at("file").addEventListener("change", () => busy(at("sign"), "Reading the file …", useFile));
  offerKeys("", () => at("donor")?.value, fill);
}

async function useFile() {
  const file = await fromFile();
  at("said").replaceChildren();
  fill(file);
}

// fill enters who applies, where the key knows.
function fill({ voter }) {
  const [chamber, name] = (voter ?? "").split("/");
  if (name && chamber === "members" && at("donor") && !at("donor").readOnly) at("donor").value = name;
}

const value = (id) => at(id)?.value.trim() || undefined;

async function move() {
  const d = form.dataset;
  const { act } = Object.fromEntries(new FormData(form));
  const entered = { act, project: d.project || value("project") };
  if (act === "apply" || act === "change") Object.assign(entered, { account: value("account"), owner: value("donor"), title: value("title") });
  const text = act === "withdraw" ? undefined : at("why").value.trim();
  if (text === "") throw new Error("Write the text first.");
  const file = text === undefined ? undefined : await fileOf(text);
  const sign = await signer(form.elements.key.value, "");
  const signature = await sign(message("project", moveText(d.round, Number(d.seq), { ...entered, text: file })));
  await post(path(d.id, entered), JSON.stringify({ ...body(entered), text, signature }));
  done(d.id, entered.project);
}

const path = (id, { act, project }) => (act === "apply" ? `/v1/rounds/${id}/projects` : `/v1/rounds/${id}/projects/${project}/moves`);

// body is what the API takes beside text and signature: the address says which project is moved.
const body = ({ act, project, ...rest }) => (act === "apply" ? { project, ...rest } : { act, ...rest });

function done(id, project) {
  at("said").replaceChildren();
  form.hidden = true;
  at("onward").href = `/rounds/${id}/projects/${project}`;
  at("done").hidden = false;
  at("done").focus();
}

if (form) prepare();

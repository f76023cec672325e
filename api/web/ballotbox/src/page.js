// What all pages do with the document and the server.

export const at = (id) => document.getElementById(id);

// say shows a sentence where screen readers hear it. The sentence is text, whatever is in it.
export function say(tone, text) {
  const note = document.createElement("div");
  note.className = `note ${tone}`;
  const line = note.appendChild(document.createElement("p"));
  line.textContent = text;
  at("said").replaceChildren(note);
}

// post sends a JSON text to our own server and returns its answer, or fails in words; the error has the
// status of a refusal.
export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  } catch {
    throw new Error("The server cannot be reached. Look whether you are online, and press the button again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const error = new Error(["It was refused", answer.detail ?? `answer ${response.status}`, answer.hint].filter(Boolean).join(": "));
  error.status = response.status;
  throw error;
}

// offer makes a link save a text as a file.
export function offer(link, text, type) {
  link.href = URL.createObjectURL(new Blob([text], { type }));
}

// busy runs work once at a time, with the button off, and shows what goes wrong.
export async function busy(button, doing, work) {
  button.disabled = true;
  say("wait", doing);
  try {
    await work();
  } catch (error) {
    say("bad", error.name === "NotAllowedError" ? "No passkey was used: the request was cancelled or took too long. Press the button to try again." : error.message);
  } finally {
    button.disabled = false;
  }
}

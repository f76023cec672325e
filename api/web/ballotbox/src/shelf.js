// The keys that this browser keeps: by subject of the seats they are for. A file key is kept in a form
// that signs and cannot be read out; of a passkey only its name is kept.

const open = () =>
  new Promise((done, failed) => {
    const request = indexedDB.open("kleroterion", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys", { keyPath: "seats" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

async function within(mode, act) {
  const db = await open();
  try {
    return await new Promise((done, failed) => {
      const change = db.transaction("keys", mode);
      const request = act(change.objectStore("keys"));
      change.oncomplete = () => done(request.result);
      change.onabort = () => failed(change.error);
    });
  } finally {
    db.close();
  }
}

// keep puts {seats, voter, handle} or {seats, voter, credential} on the shelf.
export const keep = (key) => within("readwrite", (keys) => keys.put(key));

// memberShelf is where a member's key lies: it is for no seat.
export const memberShelf = "member";

// find returns the key for these seats, or undefined.
export const find = (seats) => within("readonly", (keys) => keys.get(seats));

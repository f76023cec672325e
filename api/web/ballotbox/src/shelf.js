// What this browser keeps. Keys, by subject of the seats they are for: a file key in a form that signs and
// cannot be read out, of a passkey only its name. Gifts, with what was signed and the receipt.

const open = () =>
  new Promise((done, failed) => {
    const request = indexedDB.open("kleroterion", 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore("keys", { keyPath: "seats" });
      request.result.createObjectStore("gifts", { keyPath: "nonce" }).createIndex("round", "round");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

async function within(store, mode, act) {
  const db = await open();
  try {
    return await new Promise((done, failed) => {
      const change = db.transaction(store, mode);
      const request = act(change.objectStore(store));
      change.oncomplete = () => done(request.result);
      change.onabort = () => failed(change.error);
    });
  } finally {
    db.close();
  }
}

// keep puts {seats, voter, handle} or {seats, voter, credential} on the shelf.
export const keep = (key) => within("keys", "readwrite", (keys) => keys.put(key));

// memberShelf is where a member's key lies: it is for no seat.
export const memberShelf = "member";

// find returns the key for these seats, or undefined.
export const find = (seats) => within("keys", "readonly", (keys) => keys.get(seats));

// keepGift puts {nonce, round, project, title, amount, body, receipt} on the shelf, in place of the one with
// its nonce.
export const keepGift = (gift) => within("gifts", "readwrite", (gifts) => gifts.put(gift));

export const forgetGift = (nonce) => within("gifts", "readwrite", (gifts) => gifts.delete(nonce));

// giftsOf returns the gifts of a round, by its hash.
export const giftsOf = (round) => within("gifts", "readonly", (gifts) => gifts.index("round").getAll(round));

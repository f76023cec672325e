// The canonical form of docs/spec/canonical.md. What has none is refused: a signature over bytes that
// the other side would write differently is worth nothing.

export function canonical(value) {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new Error("a text with half a character");
      return JSON.stringify(value);
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Error(`${value} is no whole number of the canonical form`);
      return String(value);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? refuse(value) : Array.isArray(value) ? `[${value.map(canonical).join()}]` : members(value);
  }
  return refuse(value);
}

// members sorts by UTF-16 code units, which is how JavaScript compares texts. A member without a value
// is absent.
function members(object) {
  const names = Object.keys(object).filter((name) => object[name] !== undefined).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical(object[name])}`).join()}}`;
}

function refuse(value) {
  throw new Error(`${value} has no canonical form`);
}

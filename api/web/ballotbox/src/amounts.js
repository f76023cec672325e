// Amounts of docs/spec/matching.md: whole numbers of minor units as texts of digits. Nothing here is a
// floating-point number. api/web/amounts.go does the same; test/amounts.json holds both to it.

const entered = /^([0-9]{1,60})(?:([.,])([0-9]{1,60}))?$/;
const giftDigits = 28;

// minorUnits reads whole units as somebody types them; asset is {code, decimals}.
export function minorUnits(text, { code, decimals }) {
  const parts = entered.exec(text.trim());
  if (!parts) throw new Error("Write the amount in digits, such as 12 or 12.50, without any other sign.");
  const [, whole, sign, rest = ""] = parts;
  if (sign === "," && rest.length === 3) throw new Error("A comma before three digits can mean two things. Write no sign between thousands, and a point before decimals.");
  if (rest.length > decimals) throw new Error(`An amount in ${code} has at most ${decimals} ${decimals === 1 ? "decimal" : "decimals"}.`);
  const units = BigInt(whole + rest.padEnd(decimals, "0"));
  if (units === 0n) throw new Error("The amount has to be more than 0.");
  const digits = units.toString();
  if (digits.length > giftDigits) throw new Error("This amount is too large to be recorded.");
  return digits;
}

// money says an amount for people: 1234567 cents are "12,345.67 EUR".
export function money(digits, { code, decimals }) {
  const padded = digits.padStart(decimals + 1, "0");
  const whole = padded.slice(0, padded.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = decimals ? padded.slice(-decimals) : "";
  const shown = rest.slice(0, 2) + rest.slice(2).replace(/0+$/, "");
  return `${whole}${shown && "."}${shown} ${code}`;
}

// change says what is added or taken away between two amounts.
export function change(before, after, asset) {
  const by = BigInt(after) - BigInt(before);
  return (by < 0n ? "−" : "+") + money((by < 0n ? -by : by).toString(), asset);
}

// assetOf reads the asset from an element of the page.
export const assetOf = ({ code, decimals }) => ({ code, decimals: Number(decimals) });

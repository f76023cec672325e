// Choices of docs/spec/tally.md, from what a person entered.

// choiceOf takes {method, vote, approve, ranking, numbers, credits, blank, delegate}: approve and ranking
// are ids in order, numbers are [id, text] pairs.
export function choiceOf(entered) {
  if (entered.delegate) return delegated(entered.delegate);
  if (entered.method === "yes_no") return { vote: entered.vote };
  const choice = chosen(entered);
  if (entered.blank) {
    if (choice) throw new Error("You chose something and asked for a blank ballot. Do one of the two.");
    return { blank: true };
  }
  if (!choice) throw new Error("You chose nothing. To take part without choosing, tick the blank ballot.");
  return choice;
}

function delegated(id) {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new Error("A member number has 64 characters, digits and the letters a to f.");
  return { delegate: `members/${id}` };
}

function chosen({ method, approve, ranking, numbers, credits }) {
  switch (method) {
    case "approval":
      return approve.length ? { approve } : null;
    case "irv":
    case "schulze":
      return ranking.length ? { ranking: ranking.map((id) => [id]) } : null;
  }
  const given = Object.fromEntries(numbers.map(([id, text]) => [id, whole(text)]).filter(([, n]) => n !== 0));
  if (Object.keys(given).length === 0) return null;
  if (method === "score") return { scores: given };
  const spent = cost(numbers);
  if (spent > credits) throw new Error(`Your votes cost ${spent} credits, and you have ${credits}.`);
  return { votes: given };
}

function whole(text) {
  if (!/^-?\d{1,6}$/.test(text.trim())) throw new Error(`“${text}” is not a whole number.`);
  return parseInt(text, 10) || 0;
}

// cost is the sum of the squares; what is no number yet costs nothing yet.
export const cost = (numbers) => numbers.reduce((sum, [, text]) => sum + (parseInt(text, 10) || 0) ** 2, 0);

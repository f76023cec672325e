// Two lists, ranked and not, between which buttons move options: with a keyboard, a finger or a mouse.

import { at } from "./page.js";

export function rank() {
  const [ranked, rest] = [at("ranking"), at("unranked")];
  if (!ranked) return;
  for (const button of rest.querySelectorAll("button")) button.addEventListener("click", () => move(button, ranked, rest));
}

function move(button, ranked, rest) {
  const item = button.closest("li");
  if (button.classList.contains("up")) up(item, ranked, rest);
  else down(item, ranked, rest);
  const place = [...ranked.children].indexOf(item) + 1;
  at("moved").textContent = `${item.querySelector("span").textContent}: ${place ? `rank ${place}` : "not ranked"}`;
  button.focus(); // moving an element takes the focus from it
}

function up(item, ranked, rest) {
  if (item.parentElement === rest) ranked.append(item);
  else item.previousElementSibling?.before(item);
}

function down(item, ranked, rest) {
  if (item.parentElement === rest) return;
  if (item.nextElementSibling) item.nextElementSibling.after(item);
  else rest.prepend(item);
}

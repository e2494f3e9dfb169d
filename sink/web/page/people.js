// Everybody who is quoted or named, by type, found by name.
import {entityPath, get} from "./api.js";
import {count, el, number} from "./dom.js";

export const TYPES = [["", "All"], ["PERSON", "People"], ["ORG", "Organisations"], ["LOC", "Places"], ["NORP", "Groups"],
  ["EVENT", "Events"], ["PRODUCT", "Products"]];

const row = one => el("li", {"data-item": true, tabindex: "-1", onkeydown: event => {
  if (event.key === "Enter" && event.target === event.currentTarget)
    event.currentTarget.querySelector("a").click();
}}, el("a", {href: entityPath(one.key)}, el("span", {class: `dot e-${one.type}`, "aria-hidden": "true"}),
  el("span", {class: "name", dir: "auto"}, one.name), el("span", {class: "meta"},
    one.quotes ? `${count(one.quotes, "quotation")} in ${count(one.quoted_in, "article")}`
      : `named in ${count(one.documents, "article")}`)));

export async function people(stage, {query, signal}) {
  const type = query.get("type") ?? "PERSON";
  const rows = el("ul", {class: "entities"});
  const field = el("input", {type: "search", "aria-label": "Name", placeholder: "Name", value: query.get("q") ?? "",
    maxlength: "100"});
  const tabs = el("nav", {class: "tabs", "aria-label": "Type"}, TYPES.map(([name, label]) =>
    el("a", {href: `/people?type=${name}`, "aria-current": name === type ? "page" : null}, label)));
  stage.append(el("header", {class: "masthead"}, el("h1", null, TYPES.find(([name]) => name === type)?.[1] ?? "All"),
    el("div", {class: "filters"}, tabs, field)), rows);

  let turn = 0;
  async function fill() {
    const mine = ++turn;
    const {entities} = await get("entities", {q: field.value.trim(), type, limit: 200}, signal);
    if (mine !== turn)
      return;
    rows.replaceChildren(...entities.map(row));
    if (!entities.length)
      rows.append(el("li", {class: "notice"}, "Nobody."));
    document.getElementById("said").textContent = `${number(entities.length)} found`;
  }
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => fill().catch(() => {}), 120);
  });
  await fill();
  return {title: "People"};
}

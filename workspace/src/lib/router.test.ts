import { expect, test } from "vitest";
import { href, parse } from "./router.svelte.ts";

const short = (hash: string) => {
  const { page, project, id } = parse(hash);
  return [page, project, id];
};

test("every route of the page has its address", () => {
  expect(short("")).toEqual(["home", "", ""]);
  expect(short("#/")).toEqual(["home", "", ""]);
  expect(short("#/new")).toEqual(["new", "", ""]);
  expect(short("#/p/a")).toEqual(["project", "a", ""]);
  for (const page of ["review", "sweep", "items", "people", "audits", "promise", "models", "settings"])
    expect(short(`#/p/a/${page}`)).toEqual([page, "a", ""]);
  expect(short("#/p/a/items/0f")).toEqual(["item", "a", "0f"]);
  expect(short("#/enter/TOKEN")).toEqual(["enter", "", "TOKEN"]);
  expect(short("#/join/TOKEN")).toEqual(["join", "", "TOKEN"]);
});

test("any name goes into an address and comes out again", () => {
  for (const name of ["旅行 咨询", "a/b", "100 %?#&", "<script>", "..", "😀"])
    expect(short(href("p", name, "items", name))).toEqual(["item", name, name]);
});

test("what is no address is told as such, whatever it is", () => {
  for (const hash of ["#/x", "#/p", "#/p/a/b", "#/p/a/items/b/c", "#/new/x", "#/enter", "#/__proto__", "#/p/a/constructor"])
    expect(short(hash)[0]).toBe("missing");
  expect(short("#/p/%E0%A4%A")).toEqual(["project", "%E0%A4%A", ""]);
});

test("what follows the question mark is kept apart", () => {
  expect(parse("#/p/a/items?q=a%20b&label=x").query.get("q")).toBe("a b");
  expect(parse("#/p/a/items?q=a?b").query.get("q")).toBe("a?b");
});

// The hash router: #/p/NAME/items/ID?q=x. Nothing of a path ever reaches the server's log.

export type PageName =
  | "home" | "new" | "project" | "review" | "sweep" | "items" | "item" | "people" | "audits" | "promise" | "models" | "whatif" | "settings"
  | "me" | "enter" | "join" | "signin" | "missing";

export interface Route {
  page: PageName;
  /** The project's name, "" outside one. */
  project: string;
  /** An item's id, or the token of a link. */
  id: string;
  query: URLSearchParams;
}

const INSIDE = ["review", "sweep", "items", "people", "audits", "promise", "models", "whatif", "settings"] as const;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What a hash names. Whatever it is, there is a route: at worst `missing`. */
export function parse(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#/, "").split(/\?(.*)/s, 2);
  const parts = path.split("/").filter(Boolean).map(decoded);
  const [head, one = "", two, three] = parts;
  const route = (page: PageName, project = "", id = ""): Route => ({
    page, project, id, query: new URLSearchParams(search),
  });
  if (!head) return route("home");
  if ((head === "new" || head === "me" || head === "signin") && parts.length === 1) return route(head);
  if ((head === "enter" || head === "join") && parts.length === 2) return route(head, "", one);
  if (head !== "p" || !one) return route("missing");
  if (two === undefined) return route("project", one);
  if (two === "items" && three !== undefined && parts.length === 4) return route("item", one, three);
  const inside = INSIDE.find((name) => name === two);
  return inside && parts.length === 3 ? route(inside, one) : route("missing");
}

/** A link: href("p", name, "items", id). Every part is escaped. */
export function href(...parts: string[]): string {
  return "#/" + parts.map(encodeURIComponent).join("/");
}

class Router {
  route = $state.raw<Route>(parse(typeof location === "undefined" ? "" : location.hash));
}
const router = new Router();

/** The route on the page now; reactive. */
export const route = (): Route => router.route;

/** Goes to a link made by `href`; `replace` leaves no step to go back to (a token in a link, a redirect). */
export function go(to: string, replace = false): void {
  if (replace) {
    history.replaceState(null, "", to);
    router.route = parse(location.hash);
  } else location.hash = to;
}

/** Changes the part after `?` without a step in the history. */
export function search(values: Record<string, string | null | undefined>): void {
  const now = new URLSearchParams(router.route.query);
  for (const [k, v] of Object.entries(values)) {
    if (v) now.set(k, v);
    else now.delete(k);
  }
  const text = now.toString();
  go(location.hash.split("?")[0] + (text ? "?" + text : ""), true);
}

/** Listens to the address; called once. */
export function listen(): void {
  addEventListener("hashchange", () => (router.route = parse(location.hash)));
}

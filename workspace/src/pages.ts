// Which component stands for which route; each is loaded when it is first opened. Every page takes {route}.
import type { Component } from "svelte";
import type { PageName, Route } from "./lib/router.svelte.ts";

export type PageComponent = Component<{ route: Route }>;

export const PAGES: Record<PageName, () => Promise<{ default: PageComponent }>> = {
  home: () => import("./start/Home.svelte"),
  new: () => import("./start/New.svelte"),
  signin: () => import("./start/SignIn.svelte"),
  enter: () => import("./start/Enter.svelte"),
  join: () => import("./start/Join.svelte"),
  me: () => import("./start/Account.svelte"),
  missing: () => import("./start/Missing.svelte"),
  settings: () => import("./settings/Settings.svelte"),
  project: () => import("./pages/Overview.svelte"),
  items: () => import("./pages/Items.svelte"),
  item: () => import("./pages/Item.svelte"),
  people: () => import("./pages/People.svelte"),
  audits: () => import("./pages/Audits.svelte"),
  promise: () => import("./pages/Promise.svelte"),
  whatif: () => import("./pages/WhatIf.svelte"),
  models: () => import("./pages/Models.svelte"),
  review: () => import("./review/Review.svelte"),
  sweep: () => import("./review/Sweep.svelte"),
};

/** Pages that somebody may see who is not signed in. */
export const OPEN: readonly PageName[] = ["enter", "join", "signin"];

/** Pages whose texts come with the shell; the others load theirs when they are opened. */
export const FIRST: readonly PageName[] = ["review", "sweep"];

import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { speak, wanted } from "./lib/i18n/index.svelte.ts";
import { listen } from "./lib/router.svelte.ts";

listen();
void speak(wanted()).then(() => {
  const target = document.getElementById("app");
  if (target) mount(App, { target });
});

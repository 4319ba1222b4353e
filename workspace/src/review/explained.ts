// What the review page loads once somebody asks why the model suggests what it does.
export { cut } from "./marks.ts";
export { default as Reasons } from "./Reasons.svelte";
export { Why } from "./reasons.svelte.ts";

// The component set: `import { Button, Field } from "../ui/index.ts"`.
export { default as Badge } from "./Badge.svelte";
export { default as Button } from "./Button.svelte";
export { default as Dialog } from "./Dialog.svelte";
export { default as EmptyState } from "./EmptyState.svelte";
export { default as Failure } from "./Failure.svelte";
export { default as Field } from "./Field.svelte";
export { default as Icon } from "./Icon.svelte";
export { default as Kbd } from "./Kbd.svelte";
export { default as Markdown } from "./Markdown.svelte";
export { default as Menu } from "./Menu.svelte";
export { default as Page } from "./Page.svelte";
export { default as Progress } from "./Progress.svelte";
export { default as Select } from "./Select.svelte";
export { default as Slider } from "./Slider.svelte";
export { default as Table } from "./Table.svelte";
export { default as Tabs } from "./Tabs.svelte";

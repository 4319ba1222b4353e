export default {
  title: "Items",
} as const;

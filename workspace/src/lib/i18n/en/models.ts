export default {
  title: "Models",
} as const;

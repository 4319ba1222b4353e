// Runs before the first paint, so that neither the colours nor the language flash.
(() => {
  try {
    const theme = localStorage.getItem("cowise.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("cowise.language") || navigator.language;
    if (language.startsWith("zh")) document.documentElement.lang = "zh-Hans";
  } catch {
    // Storage may be closed to us: the system's colours and English then.
  }
})();

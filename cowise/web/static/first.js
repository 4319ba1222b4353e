// Runs before the first paint, so that neither the colours nor the language flash, and the texts are on their way early.
(() => {
  let language = navigator.language;
  try {
    const theme = localStorage.getItem("cowise.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    language = localStorage.getItem("cowise.language") || language;
  } catch {
    // Storage may be closed to us: the system's colours and the browser's language then.
  }
  const chinese = language.startsWith("zh");
  if (chinese) document.documentElement.lang = "zh-Hans";
  const texts = document.createElement("link");
  texts.rel = "modulepreload";
  texts.href = chinese ? "./zh.js" : "./en.js";
  document.head.append(texts);
})();

// Loaded first and blocking (no module): theme, density and sidebar are set before the first paint.
// An external file, because the Content-Security-Policy allows no inline script.
(function () {
  const root = document.documentElement;
  let saved = {};
  try {
    saved = JSON.parse(localStorage.getItem("lz-preferences")) || {};
  } catch { /* storage refused or damaged: the defaults hold */ }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    const auto = saved.theme !== "light" && saved.theme !== "dark";
    root.dataset.bsTheme = auto ? (dark.matches ? "dark" : "light") : saved.theme;
    root.dataset.density = saved.density === "comfortable" ? "comfortable" : "compact";
    if (saved.sidebar === "folded") root.dataset.bsSidebar = "folded";
    else delete root.dataset.bsSidebar;
  }
  apply();
  window.lzPreferences = {
    get: (name) => saved[name] || "",
    set(name, value) {
      saved[name] = value;
      try {
        localStorage.setItem("lz-preferences", JSON.stringify(saved));
      } catch { /* kept for this page only */ }
      apply();
      document.dispatchEvent(new CustomEvent("lz:preferences", { detail: { name, value } }));
    },
  };
  dark.addEventListener("change", () => {
    apply();
    document.dispatchEvent(new CustomEvent("lz:preferences", { detail: { name: "theme" } }));
  });
})();

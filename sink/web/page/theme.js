// Before anything is drawn: the theme that was chosen here, or else the system's. A classic script, so that nothing flashes.
"use strict";
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch { /* storage may be forbidden: the system's it is */ }
  if (chosen === "dark" || chosen === "light")
    document.documentElement.dataset.theme = chosen;
})();

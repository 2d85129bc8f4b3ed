if (typeof document !== "undefined") {
  const data = (section) => JSON.parse(section.querySelector("script").textContent);
  for (const section of document.querySelectorAll(".slices")) mountSlices(section, data(section));
  for (const section of document.querySelectorAll(".waves")) mountWaves(section, data(section));
  // What is folded on the screen is not folded on paper.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
}

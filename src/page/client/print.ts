/** On paper the page has the colours of a light screen, charts too, and its address and time at its foot. */
import { h } from "./base/dom.js";
import { toMs } from "./base/format.js";
import { zoneAt } from "./base/zone.js";

/** `restyle`: charts take the colours that hold now. */
export function followPrint(restyle: () => void): void {
  const stamp = h("p", { class: "printed" });
  document.body.append(stamp);
  const paper = (on: boolean) => {
    const { classList } = document.documentElement;
    if (classList.contains("paper") === on) return;
    classList.toggle("paper", on);
    const now = Date.now();
    // Without the token: paper is handed on.
    stamp.textContent = `${location.origin}${location.pathname}${location.hash}   printed ${toMs(now)} ${zoneAt(now)}`;
    restyle();
  };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("print").addEventListener("change", ({ matches }) => paper(matches));
}

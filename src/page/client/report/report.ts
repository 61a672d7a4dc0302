/** In a report: its charts follow the cursor together, and are drawn closer. */
import type { PackedPage } from "../../../report/kit/pack.js";
import { h } from "../base/dom.js";
import { count, span as lasting, significant } from "../base/format.js";
import { Group } from "./group.js";
import { unpackPage } from "./unpack.js";

const packed: PackedPage = JSON.parse(document.getElementById("charts")!.textContent!);
const words = h("p", { class: "soft when", role: "status" });
let active: Group | undefined;

const button = (label: string, title: string, click: (group: Group) => void) =>
  h("button", { type: "button", title, "aria-label": title, click: () => active && click(active) }, label);
const whole = button("all", "all of the time", (group) => group.show());
const bar = h(
  "div",
  { class: "closer", role: "group", "aria-label": "time that is shown" },
  button("\u25c0", "earlier", (group) => group.pan(-0.5)),
  button("\u25b6", "later", (group) => group.pan(0.5)),
  button("+", "closer", (group) => group.scale(0.5)),
  button("\u2212", "farther", (group) => group.scale(2)),
  whole,
  words,
);

function tell(group: Group): void {
  active = group;
  if (words.textContent !== group.words) words.textContent = group.words;
  whole.toggleAttribute("disabled", group.isWhole);
}

const groups = unpackPage(packed).map((held) => new Group(held, tell));
const thinned = packed.axes.filter(({ columns }) => columns !== undefined);
const less = thinned.map(({ columns, span }) => `${count(columns!)} stretches of ${lasting((span[1] - span[0]) / columns!)}`);
const main = document.querySelector("main")!;
main.prepend(
  h(
    "p",
    { class: "soft guide" },
    "Point at a chart, or tap it: all charts tell their values of that moment, the lowest and the highest where a pixel has several. " +
      "Drag over one to go closer, double-click to see all again. Keys on a chart: \u2190 \u2192 (with Shift farther), + \u2212, Page Up and Down, 0 for all.",
    ...(less.length > 0
      ? [
          h(
            "strong",
            {},
            ` Not every value is in this page, which would be larger than 400 kB: charts drawn closer have the lowest and the highest value of each of ${[...new Set(less)].join(", and of ")}.`,
          ),
        ]
      : []),
    ...(packed.still > 0 ? [h("strong", {}, ` The charts of ${significant(packed.still)} more stay as they are.`)] : []),
  ),
  bar,
);
if (groups[0]) tell(groups[0]);

matchMedia("(max-width: 680px)").addEventListener("change", () => {
  for (const group of groups) group.draw();
});

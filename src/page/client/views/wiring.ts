/** The system as a drawing: engines in the bands of their threads and processes, and what runs between them with its rate. */
import type { EngineLine, Status } from "../../series/wire.js";
import { h, table } from "../base/dom.js";
import { none, rate } from "../base/format.js";
import { refresh } from "../base/refresh.js";
import { px, s } from "../base/svg.js";
import { type Arrow, arrowsOf, type Box, type Layout, layoutOf } from "./wiring_layout.js";

/** Dashes of the buses in memory, in their order. */
const dashes = [undefined, "7 4", "2 4"] as const;
const keyOf = ({ from, to }: Pick<Arrow, "from" | "to">) => `${from} ${to}`;
const sum = ({ topics }: Arrow) => topics.reduce((all, { rowsPerSecond }) => all + rowsPerSecond, 0);
/** One point, and one more for each power of ten of rows a second. */
const widthOf = (perSecond: number) => px(1 + Math.log10(1 + perSecond));
const perSecond = (value: number) => `${rate(value)}/s`;
const labelOf = (arrow: Arrow) =>
  `${arrow.topics.length === 1 ? arrow.topics[0]!.name : `${arrow.topics.length} topics`} ${perSecond(sum(arrow))}`;
const stateOf = ({ state }: EngineLine) => (state === "absent" ? "starting" : state);

export class Wiring {
  readonly element: HTMLElement;
  private readonly into = h("div", { class: "scroll wiring", role: "region", tabindex: 0, "aria-label": "Drawing of the system" });
  private readonly words = h("p", { class: "soft" });
  private readonly details = h("details", { toggle: () => this.tell() }, h("summary", {}, "The arrows in words"));
  private readonly list = h("div", {});
  private status: Status | undefined;
  private made = "";
  private chosen: string | undefined;
  private readonly arrows = new Map<string, { readonly path: SVGPathElement; readonly label: SVGTextElement }>();
  private readonly boxes = new Map<string, { readonly group: SVGGElement; readonly state: SVGTextElement }>();

  constructor() {
    this.details.append(this.list);
    this.element = h("section", { "aria-label": "wiring" }, h("h2", {}, "How it is wired"), this.into, this.words, this.details);
  }

  update(status: Status): void {
    this.status = status;
    const wires = arrowsOf(status);
    const key = JSON.stringify([
      status.engines.map(({ name, place, runner }) => [name, place, runner]),
      wires.map((one) => [one.from, one.to, one.topics.length]),
      status.buses.map(({ name }) => name),
    ]);
    if (key !== this.made) this.make(status);
    this.made = key;
    for (const arrow of wires) {
      const { path, label } = this.arrows.get(keyOf(arrow))!;
      path.setAttribute("stroke-width", widthOf(sum(arrow)));
      path.classList.toggle("still", sum(arrow) === 0);
      if (label.textContent !== labelOf(arrow)) label.textContent = labelOf(arrow);
    }
    for (const engine of status.engines) {
      const { group, state } = this.boxes.get(engine.name)!;
      const words = `${stateOf(engine)}, ${perSecond(engine.takenPerSecond || engine.givenPerSecond)}`;
      if (state.textContent !== words) state.textContent = words;
      group.classList.toggle("wrong", engine.state === "failed" || engine.state === "held");
      group.setAttribute("aria-label", saidOf(engine, words, wires));
    }
    this.tell();
  }

  private make(status: Status): void {
    const layout = layoutOf(status);
    this.arrows.clear();
    this.boxes.clear();
    if (!status.engines.some(({ name }) => name === this.chosen)) this.chosen = undefined;
    const at = new Map(layout.boxes.map((box) => [box.engine.name, box]));
    const buses = status.buses.map(({ name }) => name);
    const arrows = layout.boxes.flatMap((box) => box.arrows.map((arrow, i) => this.arrow(arrow, at.get(arrow.from), box, i, buses)));
    const bands = layout.bands.map(({ runner, place, y, height }) =>
      s(
        "g",
        {},
        s("rect", { class: `band ${place}`, x: 2, y, width: layout.width - 4, height, rx: 6 }),
        s("text", { class: "place", x: 12, y: y + 15 }, `${place} ${runner}`),
      ),
    );
    this.into.replaceChildren(
      s(
        "svg",
        // A drawing is read at the size of its letters: where it is wider than the page it is moved, not made smaller.
        {
          ...{ role: "group", "aria-label": `${status.engines.length} engines and the topics between them` },
          ...{ viewBox: `0 0 ${layout.width} ${layout.height}`, width: layout.width, height: layout.height },
        },
        s(
          "defs",
          {},
          s(
            "marker",
            { id: "head", markerUnits: "userSpaceOnUse", markerWidth: 9, markerHeight: 8, refX: 8, refY: 4, orient: "auto" },
            s("path", { class: "head", d: "M0 0L9 4L0 8z" }),
          ),
        ),
        s("g", { "aria-hidden": "true" }, ...bands, ...ends(layout), ...arrows),
        ...layout.boxes.map((box) => this.box(box)),
      ),
    );
    this.words.textContent = legend(buses, layout);
    this.mark();
  }

  private arrow({ from, to, topics }: Arrow, giver: Box | undefined, taker: Box, i: number, buses: readonly string[]): SVGGElement {
    const y2 = taker.y + (taker.height * (i + 0.5)) / taker.arrows.length;
    const [x1, y1] = giver ? [giver.x + giver.width, giver.y + giver.height / 2] : [0, y2];
    // Each giver has a lane of its own in the gap behind its column.
    const lane = 10 + 7 * ((giver?.row ?? 0) % 5);
    const [bend, x2] = [x1 + lane + 26, taker.x];
    // Up or down in the gap behind its giver, then along the row of its taker, in which no other box stands.
    const way =
      x2 > x1 ? `C${x1 + lane + 20} ${y1} ${x1 + lane} ${y2} ${bend} ${y2}H${x2}` : `C${x1 + 90} ${y1} ${x2 - 90} ${y2} ${x2} ${y2}`;
    const dash = dashes[Math.max(0, buses.indexOf(topics[0]!.bus)) % dashes.length];
    const path = s("path", { class: "wire", d: `M${x1} ${y1}${way}`, "marker-end": "url(#head)", "stroke-dasharray": dash });
    const label = s("text", { class: "flow", x: x2 - 12, y: y2 - 4 });
    this.arrows.set(keyOf({ from, to }), { path, label });
    return s("g", {}, path, label);
  }
  private box({ engine: { name }, x, y, width, height }: Box): SVGGElement {
    const middle = y + height / 2;
    const state = s("text", { class: "state-of", x: x + width / 2, y: middle + 13 });
    const group = s(
      "g",
      { class: "engine", role: "button", tabindex: 0, "aria-pressed": "false" },
      s("rect", { x, y, width, height, rx: 5 }),
      s("text", { class: "name-of", x: x + width / 2, y: middle - 3 }, name),
      " ", // not drawn: it parts the words for who is read them
      state,
    );
    const choose = () => {
      this.chosen = this.chosen === name ? undefined : name;
      this.mark();
    };
    group.addEventListener("click", choose);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    });
    this.boxes.set(name, { group, state });
    return group;
  }
  /** Arrows of the chosen engine alone. */
  private mark(): void {
    const { chosen } = this;
    for (const [key, { path, label }] of this.arrows) {
      const off = chosen !== undefined && !key.split(" ").includes(chosen);
      path.classList.toggle("off", off);
      label.classList.toggle("off", off);
    }
    for (const [name, { group }] of this.boxes) group.setAttribute("aria-pressed", String(name === chosen));
  }
  private tell(): void {
    if (!this.details.open || !this.status) return;
    const rows = this.status.topics.flatMap((topic) => (topic.takers.length > 0 ? topic.takers : [none]).map((to) => ({ topic, to })));
    type Row = (typeof rows)[number];
    refresh(
      this.list,
      table(
        "From whom to whom",
        [
          { head: "topic", words: true, cell: ({ topic }: Row) => topic.name },
          { head: "from", words: true, cell: ({ topic }: Row) => topic.giver },
          { head: "to", words: true, cell: ({ to }: Row) => to },
          { head: "bus", words: true, cell: ({ topic }: Row) => topic.bus },
          { head: "rows/s", cell: ({ topic }: Row) => rate(topic.rowsPerSecond) },
        ],
        rows,
      ),
    );
  }
}

/** Where topics leave for other hosts, and for programs outside. */
function ends({ boxes, width, redis, outside }: Layout): SVGGElement[] {
  const crossing = boxes.filter(({ engine }) => engine.engine === "bridge");
  const serving = boxes.filter(({ engine }) => engine.engine === "gateway");
  const line = (d: string) => s("path", { class: "wire", d, "marker-end": "url(#head)", "stroke-width": 1.5 });
  const middle = ({ y, height }: Box) => y + height / 2;
  return [
    ...(redis === undefined
      ? []
      : [
          s(
            "g",
            {},
            s("rect", { class: "bus", x: 2, y: redis, width: width - 4, height: 28, rx: 14 }),
            s("text", { class: "place", x: 18, y: redis + 19 }, "Redis bus, to and from other hosts"),
            ...crossing.map((box) =>
              box.engine.name.startsWith("out.")
                ? line(`M${box.x + box.width} ${middle(box)}h18V${redis}`)
                : line(`M${box.x - 8} ${redis}V${middle(box)}h8`),
            ),
          ),
        ]),
    ...(outside === undefined
      ? []
      : serving.map((box) =>
          s(
            "g",
            {},
            line(`M${box.x + box.width} ${middle(box)}H${outside}`),
            s("rect", { class: "bus", x: outside, y: box.y, width: 100, height: box.height, rx: 14 }),
            s("text", { class: "place", x: outside + 12, y: middle(box) - 3 }, "programs"),
            s("text", { class: "place", x: outside + 12, y: middle(box) + 13 }, "outside"),
          ),
        )),
  ];
}

/** What stands in the box comes first. */
function saidOf(engine: EngineLine, words: string, arrows: readonly Arrow[]): string {
  const list = (of: readonly Arrow[], other: "from" | "to") =>
    of.flatMap((arrow) => arrow.topics.map(({ name, rowsPerSecond }) => `${name} ${perSecond(rowsPerSecond)} ${other} ${arrow[other]}`));
  const takes = list(
    arrows.filter(({ to }) => to === engine.name),
    "from",
  );
  const gives = list(
    arrows.filter(({ from }) => from === engine.name),
    "to",
  );
  const said = [...(takes.length > 0 ? [`takes ${takes.join(", ")}`] : []), ...(gives.length > 0 ? [`gives ${gives.join(", ")}`] : [])];
  return `${engine.name} ${words}, ${engine.place} ${engine.runner}${said.length > 0 ? `: ${said.join("; ")}` : ""}`;
}

function legend(buses: readonly string[], { redis }: Layout): string {
  const strokes = ["whole", "dashed", "dotted"];
  const memory =
    buses.length > 1
      ? `${buses.map((name, i) => `${strokes[i % strokes.length]} strokes are the bus ${name}`).join(", ")}, all in memory`
      : `all arrows are one bus in memory`;
  const beyond = redis === undefined ? "" : " What other hosts give and take runs over the Redis bus below.";
  return `An arrow is what one engine gives another: one point wide, and one more for each power of ten of rows a second; ${memory}.${beyond} Choose an engine to see its arrows alone.`;
}

/** Where engines and what runs between them are drawn: a row for each engine, a column for each step away from the sources. */
import type { EngineLine, Status, TopicLine } from "../../series/wire.js";

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly topics: readonly TopicLine[];
}
export interface Box {
  readonly engine: EngineLine;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
  /** Arrows that end here, from above to below. */
  readonly arrows: readonly Arrow[];
}
/** Engines that live in one thread or process. */
export interface Band {
  readonly runner: string;
  readonly place: string;
  readonly y: number;
  readonly height: number;
}
export interface Layout {
  readonly boxes: readonly Box[];
  readonly bands: readonly Band[];
  readonly width: number;
  readonly height: number;
  /** Upper edge of the bus that leads to other hosts; undefined where no topic crosses. */
  readonly redis: number | undefined;
  /** Left edge of where programs outside are; undefined without a gateway. */
  readonly outside: number | undefined;
}

/** Of a box: at least, and for each letter of its name. */
const BOX = 132;
const LETTER = 7.5;
const GAP = 152;
const LEFT = 14;
const LABEL = 15;
const LEAST = 40;
const BETWEEN = 14;
const HEAD = 22;
const REDIS = 30;
const OUTSIDE = 150;

/** What is given and taken, a pair of engines at a time. */
export function arrowsOf({ topics }: Status): Arrow[] {
  const pairs = new Map<string, { from: string; to: string; topics: TopicLine[] }>();
  for (const topic of topics)
    for (const to of topic.takers) {
      const key = `${topic.giver} ${to}`;
      const pair = pairs.get(key) ?? { from: topic.giver, to, topics: [] };
      if (!pair.topics.includes(topic)) pair.topics.push(topic);
      pairs.set(key, pair);
    }
  return [...pairs.values()];
}

/** Givers come before takers, as far as wires allow: an arrow back is no step. */
function layersOf({ engines }: Status, arrows: readonly Arrow[]): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  for (const { name } of engines) {
    const before = arrows.flatMap(({ from, to }) => (to === name && layers.has(from) ? [layers.get(from)! + 1] : []));
    layers.set(name, Math.max(0, ...before));
  }
  return layers;
}

export function layoutOf(status: Status): Layout {
  const arrows = arrowsOf(status);
  const layers = layersOf(status, arrows);
  const wide = Math.max(BOX, ...status.engines.map(({ name }) => Math.ceil(LETTER * name.length + 16)));
  const [boxes, bands]: [Box[], Band[]] = [[], []];
  let y = 4;
  for (const runner of new Set(status.engines.map((one) => one.runner))) {
    const mine = status.engines.filter((one) => one.runner === runner);
    const top = y;
    y += HEAD;
    for (const engine of mine) {
      const own = arrows.filter(({ to }) => to === engine.name);
      const height = Math.max(LEAST, LABEL * own.length + 8);
      boxes.push({ engine, arrows: own, row: boxes.length, width: wide, x: LEFT + (wide + GAP) * layers.get(engine.name)!, y, height });
      y += height + BETWEEN;
    }
    bands.push({ runner, place: mine[0]!.place, y: top, height: y - top - 4 });
    y += 4;
  }
  const crosses = status.engines.some(({ engine }) => engine === "bridge");
  const serves = status.engines.some(({ engine }) => engine === "gateway");
  const right = Math.max(0, ...boxes.map(({ x, width }) => x + width));
  const redis = crosses ? y + 6 : undefined;
  return {
    ...{ boxes, bands, redis, outside: serves ? right + 40 : undefined },
    ...{ width: right + (serves ? OUTSIDE : 40), height: y + (crosses ? REDIS + 12 : 0) },
  };
}

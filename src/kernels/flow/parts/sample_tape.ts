/** Seeded tapes of a market that wanders, by levels or by orders, with a trader's requests among its rows. */
import { risingTimes } from "../../parts/sample.js";
import { kinds } from "./exchange.js";

interface Row {
  kind: number;
  order?: bigint;
  side?: number;
  price?: number;
  size?: number;
}
interface Resting {
  id: bigint;
  side: number;
  price: number;
  left: number;
}

/** Rows of the market alone: those of queue "exact" by orders, else by levels, whose trades come before the level that they changed. */
function market(random: () => number, byOrders: boolean) {
  let middle = 10_000;
  let next = 1n;
  const live: Resting[] = [];
  const levels = new Map<number, number>();
  const waiting: Row[] = [];
  const whole = () => Math.ceil(10 ** (4 * random() - 1));
  const away = (side: number) => middle - side * (1 + Math.floor(-6 * Math.log(1 - random())));

  const orders = (): Row => {
    const kind = random();
    if (live.length < 20 || (kind < 0.45 && live.length < 400)) {
      const side = random() < 0.48 ? 1 : -1;
      const one = { id: next++, side, price: away(side), left: whole() };
      live.push(one);
      return { kind: kinds.add, order: one.id, side, price: one.price, size: one.left };
    }
    if (kind > 0.98) return { kind: kinds.cut, order: -next, side: 1, price: away(1), size: whole() };
    const side = random() < 0.5 ? 1 : -1;
    const best = live.filter((one) => one.side === side).sort((a, b) => side * (b.price - a.price) || Number(a.id - b.id))[0];
    const one = kind < 0.7 && best ? best : live[Math.floor(live.length * random())]!;
    const size = random() < 0.6 ? one.left : Math.ceil(one.left * random());
    const code = one === best && kind < 0.7 ? kinds.take : size === one.left ? kinds.remove : kinds.cut;
    one.left -= size;
    if (one.left === 0) live.splice(live.indexOf(one), 1);
    return { kind: code, order: one.id, side: random() < 0.5 ? one.side : 0, price: one.price, size };
  };
  const byLevel = (): Row => {
    const side = random() < 0.48 ? 1 : -1;
    const kind = random();
    if (kind < 0.2) {
      const price = middle - side * (random() < 0.05 ? 3 : 1);
      const size = whole();
      const held = levels.get(side * price) ?? 0;
      if (random() < 0.9) waiting.push({ kind: kinds.level, side, price, size: Math.max(0, held - size) });
      return { kind: kinds.trade, side: -side, price, size };
    }
    const price = away(side);
    return { kind: kinds.level, side, price, size: random() < 0.3 ? 0 : whole() };
  };
  const row = (): Row => {
    const given = waiting.pop() ?? (byOrders ? orders() : byLevel());
    if (given.kind === kinds.level) levels.set(given.side! * given.price!, given.size!);
    if (random() < 0.03) {
      const step = random() < 0.5 ? 1 : -1;
      // Where the middle comes to a level of the other side, that level goes.
      middle += step;
      if (!byOrders) waiting.push({ kind: kinds.level, side: -step, price: middle, size: 0 });
    }
    return given;
  };
  return { row, price: () => middle, whole };
}

/** Requests near the best prices, and what a trader does wrong: orders that are gone, ids used twice, sizes of 0. */
function trader(random: () => number, price: () => number, whole: () => number) {
  let last = 0;
  return (time: bigint): Row => {
    const kind = random();
    const side = random() < 0.5 ? 1 : -1;
    const near = price() - side * (Math.floor(8 * random()) - 1);
    const recent = BigInt(Math.max(1, last - Math.floor(12 * random())));
    if (kind < 0.55) {
      const type = Math.floor(5 * random() ** 2);
      const order = random() < 0.03 ? recent : BigInt(++last);
      return { kind: kinds.submit + type, order, side, price: near, size: random() < 0.02 ? 0 : whole() };
    }
    if (kind < 0.75) return { kind: kinds.cancel, order: recent };
    if (kind < 0.9) return { kind: random() < 0.5 ? kinds.replace : kinds.replaceMaking, order: recent, price: near, size: whole() };
    if (kind < 0.95) return { kind: kinds.wake, order: time + BigInt(Math.floor(5e7 * random())) };
    return { kind: kinds.watch, side, price: price() + Math.floor(5 * random()) - 2 };
  };
}

export function sampleTape(
  rows: number,
  random: () => number,
  { queue }: Readonly<Record<string, any>>,
  without: ReadonlySet<string>,
): any {
  const time = risingTimes(rows, random);
  const { row, price, whole } = market(random, queue === "exact");
  const ask = trader(random, price, whole);
  const quiet = (i: number) => i > 0.4 * rows && i < 0.45 * rows;
  const given = Array.from(time, (now, i): Row => {
    if (random() < 1 / (rows + 500)) return { kind: kinds.reset };
    if (quiet(i)) return { kind: kinds.clock };
    return random() < 0.08 ? ask(now) : row();
  });
  const nanoseconds = (most: number) => Float64Array.from(given, () => Math.floor(most * random() ** 3));
  const column = <T>(key: string, make: () => T) => (without.has(key) ? {} : { [key]: make() });
  return {
    time,
    kind: Uint8Array.from(given, (one) => one.kind),
    order: BigInt64Array.from(given, (one) => one.order ?? 0n),
    side: Int8Array.from(given, (one) => one.side ?? 0),
    price: Float64Array.from(given, (one) => one.price ?? 0),
    size: Float64Array.from(given, (one) => one.size ?? 0),
    ...column("delay", () => nanoseconds(3e7)),
    ...column("answer", () => nanoseconds(3e7)),
  };
}

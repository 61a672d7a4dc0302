/** Own orders in a recorded market: what must hold of any tape, queues kept as lists, a trader asked at each decision, and what is refused. */
import { describe, expect, it } from "vitest";
import { matching } from "../../../../src/index.js";
import { seeded } from "../../../../src/kernels/parts/sample.js";

const deep = process.env.TICKFORGE_DEEP !== undefined;
const seeds = Array.from({ length: deep ? 2_500 : 60 }, (_, i) => i + 1);
const none: ReadonlySet<string> = new Set();

interface Row {
  time: number;
  kind: number;
  order?: number;
  side?: number;
  price?: number;
  size?: number;
}
const columns = (rows: readonly Row[]) => ({
  time: BigInt64Array.from(rows, ({ time }) => BigInt(time)),
  kind: Uint8Array.from(rows, ({ kind }) => kind),
  order: BigInt64Array.from(rows, ({ order = 0 }) => BigInt(order)),
  side: Int8Array.from(rows, ({ side = 0 }) => side),
  price: Float64Array.from(rows, ({ price = 0 }) => price),
  size: Float64Array.from(rows, ({ size = 0 }) => size),
});
type Tape = ReturnType<typeof columns> & { delay?: Float64Array; answer?: Float64Array };
const cut = <T extends object>(of: T, from: number, to: number): T =>
  Object.fromEntries(Object.entries(of).map(([key, view]) => [key, view.slice(from, to)])) as T;
type Events = ReturnType<typeof matching>;
const eventsOf = (out: Events) =>
  Array.from(out.time, (time, i) => {
    const at = (key: keyof Events) => Number(out[key][i]);
    return {
      ...{ time, happened: out.happened[i]!, order: out.order[i]!, kind: at("kind"), reason: at("reason"), side: at("side") },
      ...{ price: at("price"), size: at("size"), left: at("left"), maker: at("maker"), fee: at("fee"), queue: at("queue") },
      ...{ position: at("position"), cash: at("cash"), fees: at("fees"), row: at("row") },
    };
  });

/** Levels that a tape of levels shows before a row. */
function shownAt(tape: Tape, row: number): Map<number, number> {
  const levels = new Map<number, number>();
  for (let i = 0; i < row; i++) {
    if (tape.kind[i] === 3) levels.clear();
    if (tape.kind[i] === 1) levels.set(tape.side[i]! * tape.price[i]!, tape.size[i]!);
  }
  return levels;
}

const models = [{ queue: "risk_averse" }, { queue: "power", power: 2, beyond: "empty" }, { queue: "exact", beyond: "empty" }] as const;

describe("of any tape", () => {
  for (const model of models)
    it(`with queue ${model.queue} fills are whole orders' parts, never better than the market, never early; all is balanced`, () => {
      const seen = { maker: 0, taker: 0, rows: 0 };
      for (const seed of seeds) {
        const options = { ...model, own: 40, answers: 400, maker: -0.25, taker: 0.5, feeOf: "size" } as const;
        const tape = matching.contract.sample({ row: 300 }, seeded(seed), options, none) as unknown as Tape;
        const events = eventsOf(matching(tape, options));
        let [position, cash, fees, told] = [0, 0, 0, 0n];
        const ends: bigint[] = [];
        const queues = new Map<bigint, number>();
        const perRow = new Map<number, number>();
        for (const [i, event] of events.entries()) {
          const where = `seed ${seed}, event ${i}`;
          expect(event.time >= told && event.time >= event.happened, where).toBe(true);
          told = event.time;
          if (event.kind === 6) continue;
          // The requests that the order is made of: some sent, and there, before this happened.
          const sent = [...tape.time.keys()].filter(
            (row) =>
              tape.order[row] === event.order &&
              [8, 9, 10, 11, 12, 14, 15].includes(tape.kind[row]!) &&
              tape.time[row]! + BigInt(tape.delay![row]!) <= event.happened,
          );
          if (event.kind !== 2) {
            if (event.kind === 1 || event.kind === 5) queues.set(event.order, event.queue);
            else ends.push(event.order);
            continue;
          }
          expect(sent.length, `${where}: filled before it came`).toBeGreaterThan(0);
          const limits = sent.map((row) => (tape.kind[row] === 9 ? Number.POSITIVE_INFINITY : event.side * tape.price[row]!));
          const sizes = sent.map((row) => tape.size[row]!);
          expect(event.size > 0 && event.size + event.left <= Math.max(...sizes), `${where}: ${event.size} of ${sizes}`).toBe(true);
          expect(Number.isInteger(event.size), where).toBe(true);
          expect(event.side * event.price, where).toBeLessThanOrEqual(Math.max(...limits));
          position += event.side * event.size;
          cash -= event.side * event.size * event.price;
          fees += event.size * (event.maker ? -0.25 : 0.5);
          expect([event.position, event.cash, event.fees], where).toEqual([position, cash, fees]);
          seen[event.maker ? "maker" : "taker"]++;
          if (event.maker === 1) {
            expect(event.side * event.price, where).toBe(limits.find((limit) => limit === event.side * event.price));
            expect(event.queue, where).toBeLessThanOrEqual(queues.get(event.order) ?? Number.POSITIVE_INFINITY);
            perRow.set(event.row, (perRow.get(event.row) ?? 0) + event.size);
          } else if (model.queue !== "exact") {
            expect(event.size, where).toBeLessThanOrEqual(shownAt(tape, event.row).get(-event.side * event.price) ?? 0);
          }
        }
        for (const [row, size] of perRow)
          if (tape.kind[row] === 2) expect(size, `seed ${seed}, row ${row}`).toBeLessThanOrEqual(tape.size[row]!);
        seen.rows += perRow.size;
        expect(new Set(ends).size, `seed ${seed}`).toBeGreaterThan(0);
      }
      expect(Math.min(seen.maker, seen.taker, seen.rows), JSON.stringify(seen)).toBeGreaterThan(seeds.length);
    });

  it("a trader who sends nothing is told nothing, and no cut of the tape changes a bit", () => {
    for (const seed of seeds.slice(0, 20)) {
      const options = { queue: models[seed % 3]!.queue, own: 10, answers: 100 } as const;
      const tape = matching.contract.sample({ row: 400 }, seeded(seed), options, none) as unknown as Tape;
      const whole = matching(tape, options);
      const random = seeded(seed + 1000);
      const stream = matching.stream(options);
      const got: ReturnType<typeof eventsOf> = [];
      for (let from = 0; from < 400; ) {
        const to = Math.min(400, from + 1 + Math.floor(60 * random() ** 3));
        stream.pushBatch(cut(tape, from, to));
        stream.poll();
        got.push(...eventsOf(stream.results as never));
        from = to;
      }
      expect(got).toEqual(eventsOf(whole));
      const quiet = { ...tape, kind: tape.kind.map((kind) => (kind >= 8 ? 0 : kind)) };
      expect(matching(quiet, options).time.length).toBe(0);
    }
  });
});

/** Queues of one price as lists of orders, own ones among them: a market by orders, executed from the front. */
describe("queue exact", () => {
  it("is the place in a list of all orders; the risk-averse one is never ahead of it", () => {
    let fills = 0;
    for (const seed of seeds) {
      const random = seeded(seed);
      const rows: Row[] = [];
      const market: { id: number; left: number }[] = [];
      /** The market's orders that came before the own one, and lots of the own one. */
      let ahead: Set<number> | undefined;
      let [own, next] = [0, 1];
      const want: { row: number; size: number }[] = [];
      const queues: number[] = [];
      for (let time = 0; time < 120; time++) {
        const kind = random();
        if (time === 40) {
          ahead = new Set(market.map(({ id }) => id));
          own = 12;
          rows.push({ time, kind: 8, order: 1, side: 1, price: 100, size: own });
        } else if (time % 20 === 0 && ahead && own > 0) {
          // Asked for no more at its price it keeps its place, and is told it.
          rows.push({ time, kind: 14, order: 1, price: 100, size: own });
          queues.push(market.filter(({ id }) => ahead!.has(id)).reduce((sum, { left }) => sum + left, 0));
        } else if (market.length < 4 || kind < 0.45) {
          market.push({ id: next, left: 1 + Math.floor(9 * random()) });
          rows.push({ time, kind: 4, order: next++, side: 1, price: 100, size: market.at(-1)!.left });
        } else if (kind < 0.7) {
          const one = market[Math.floor(market.length * random())]!;
          const size = random() < 0.5 ? one.left : 1;
          rows.push({ time, kind: size === one.left ? 7 : 6, order: one.id, size });
          one.left -= size;
        } else {
          const one = market[0]!;
          const size = 1 + Math.floor(one.left * random());
          const part = Math.min(size, one.left);
          const filled = ahead && !ahead.has(one.id) ? Math.min(part, own) : 0;
          if (filled > 0) want.push({ row: time, size: filled });
          own -= filled;
          rows.push({ time, kind: 5, order: one.id, size: part });
          one.left -= part;
        }
        for (let i = market.length - 1; i >= 0; i--) if (market[i]!.left === 0) market.splice(i, 1);
      }
      const filledBy = (queue: "exact" | "risk_averse") =>
        eventsOf(matching(columns(rows), { queue }))
          .filter(({ kind }) => kind === 2)
          .map(({ row, size }) => ({ row, size }));
      const exact = filledBy("exact");
      expect(exact, `seed ${seed}`).toEqual(want);
      const places = eventsOf(matching(columns(rows), { queue: "exact" })).filter(({ kind }) => kind === 5);
      expect(
        places.map(({ queue }) => queue),
        `seed ${seed}`,
      ).toEqual(queues);
      const upTo = (of: typeof exact, row: number) => of.filter((one) => one.row <= row).reduce((sum, { size }) => sum + size, 0);
      const careful = filledBy("risk_averse");
      for (let row = 0; row < rows.length; row++)
        expect(upTo(careful, row), `seed ${seed}, row ${row}`).toBeLessThanOrEqual(upTo(exact, row));
      fills += want.length;
    }
    expect(fills).toBeGreaterThan(seeds.length);
  });
});

describe("a trader at its decisions", () => {
  /** Sends a bid on the first alarm of rows, and another whenever one was filled; the tape that this makes, and its events. */
  function live(marketRows: readonly Row[], options: Parameters<typeof matching>[1], backend: string) {
    const block = new Uint8Array(matching.stateBytes({ ...options, stop: "told" }));
    const tape: Row[] = [];
    const events: ReturnType<typeof eventsOf> = [];
    let [asked, next] = [0, 1];
    const run = (rows: readonly Row[], decide: boolean) => {
      for (let from = 0; from < rows.length; ) {
        const input = columns(rows.slice(from));
        const out = Object.fromEntries(
          Object.entries(matching({ ...columns([]) }, options)).map(([key, view]) => [key, new (view.constructor as any)(64)]),
        ) as Events;
        const { consumed, produced } = matching.bind(
          { in: input, out, state: block } as never,
          { ...options, stop: "told" },
          { backend },
        )(0);
        tape.push(...rows.slice(from, from + consumed));
        from += consumed;
        const said = eventsOf(cut(out, 0, produced));
        events.push(...said);
        if (!decide || said.length === 0) continue;
        asked++;
        const now = Number(said[0]!.time);
        expect(said.every(({ time }) => Number(time) === now)).toBe(true);
        expect(Number(tape.at(-1)?.time ?? 0), "no row of later than now was taken").toBeLessThanOrEqual(now);
        if (said.some(({ kind, order }) => kind === 2 || (kind === 6 && order === 3n && next === 1)))
          run([{ time: now, kind: 8, order: next++, side: 1, price: 100, size: 2 }], false);
      }
    };
    run(marketRows, true);
    return { tape, events, asked };
  }

  it("is asked once for all that is told at a time, before any later row; the tape it makes gives the same in one call", () => {
    const random = seeded(9);
    const rows: Row[] = [{ time: 0, kind: 1, side: 1, price: 100, size: 6 }];
    for (let i = 1; i < 300; i++)
      rows.push(
        random() < 0.5 ? { time: 7 * i, kind: 2, side: -1, price: 100, size: 3 } : { time: 7 * i, kind: 1, side: 1, price: 100, size: 4 },
      );
    const options = { entryLatency: 11, answerLatency: 5, feedLatency: 2, everyRows: 50, own: 4, answers: 80 };
    for (const backend of ["native", "reference"]) {
      const { tape, events, asked } = live(rows, options, backend);
      expect(tape.filter(({ kind }) => kind === 8).length).toBeGreaterThan(20);
      expect(asked).toBe(new Set(events.map(({ time }) => time)).size);
      expect(eventsOf(matching(columns(tape), options))).toEqual(events);
    }
  });
});

describe("rules of hand-made tapes", () => {
  const kindsOf = (rows: readonly Row[], options = {}) =>
    eventsOf(matching(columns(rows), options)).map(({ kind, reason, size, price, queue }) => [kind, reason, size, price, queue]);

  it("trades alone: through the price where what lies there is unknown, at it where it is taken to be the first", () => {
    const rows = [
      { time: 1, kind: 8, order: 1, side: 1, price: 100, size: 5 },
      { time: 2, kind: 2, side: -1, price: 100, size: 2 },
      { time: 3, kind: 2, side: -1, price: 99, size: 1 },
    ];
    expect(kindsOf(rows)).toEqual([
      [1, 0, 0, 100, Number.POSITIVE_INFINITY],
      [2, 0, 1, 100, Number.POSITIVE_INFINITY],
    ]);
    expect(kindsOf(rows, { beyond: "empty" })).toEqual([
      [1, 0, 0, 100, 0],
      [2, 0, 2, 100, 0],
      [2, 0, 1, 100, 0],
    ]);
  });

  it("what was taken of a level is taken until it has fallen so low; an ask that comes at an own bid fills it by what came", () => {
    const rows = [
      { time: 1, kind: 1, side: -1, price: 101, size: 5 },
      { time: 2, kind: 11, order: 1, side: 1, price: 101, size: 4 },
      { time: 3, kind: 8, order: 2, side: 1, price: 101, size: 4 },
      { time: 4, kind: 1, side: -1, price: 101, size: 7 },
      { time: 5, kind: 1, side: -1, price: 101, size: 2 },
      { time: 6, kind: 11, order: 3, side: 1, price: 101, size: 1 },
    ];
    expect(kindsOf(rows, { beyond: "empty" })).toEqual([
      [2, 0, 4, 101, 0],
      [2, 0, 1, 101, 0],
      [1, 0, 0, 101, 0],
      [2, 0, 2, 101, 0],
      [3, 5, 0, 101, 0],
    ]);
  });

  it("a replacement at the price and of no more keeps its place, any other goes to the end", () => {
    const rows = [
      { time: 1, kind: 1, side: 1, price: 100, size: 3 },
      { time: 2, kind: 8, order: 1, side: 1, price: 100, size: 5 },
      { time: 3, kind: 1, side: 1, price: 100, size: 8 },
      { time: 4, kind: 14, order: 1, price: 100, size: 4 },
      { time: 5, kind: 14, order: 1, price: 100, size: 5 },
      { time: 6, kind: 14, order: 9, price: 100, size: 5 },
    ];
    expect(kindsOf(rows)).toEqual([
      [1, 0, 0, 100, 3],
      [5, 0, 0, 100, 3],
      [5, 0, 0, 100, 8],
      [4, 1, 0, 100, 0],
    ]);
  });

  it("a row without its side, an order that comes twice, and answers without room are told by name", () => {
    const refused = (rows: readonly Row[], options = {}) => {
      for (const backend of ["native", "reference"])
        expect(() => matching(columns(rows), options, { backend }), backend).toThrow(
          expect.objectContaining({ code: "E_BAD_VALUE", row: rows.length - 1 }),
        );
    };
    const add = { time: 1, kind: 4, order: 1, side: 1, price: 5, size: 5 };
    refused([add, { ...add, order: 2, side: 0 }]);
    refused([add, add]);
    refused(
      Array.from({ length: 9 }, (_, i) => ({ ...add, order: i })),
      { orders: 8 },
    );
    const bad = { time: 1, kind: 13, order: 1 };
    refused(
      Array.from({ length: 4 }, () => bad),
      { own: 1, answers: 68, answerLatency: 9, entryLatency: 0 } as object,
    );
    expect(() => matching(columns([]), { own: 10, answers: 50 })).toThrow(/own 10 needs 86 at least/);
  });
});

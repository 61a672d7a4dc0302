import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";
import { badParam } from "../parts/positions.js";

const id = (which: string, expects: string) =>
  ({ dtype: "u32", shape: ["position"], unit: `row of ${which}`, doc: `${which} of each position`, expects }) as const;
const money = (doc: string) => ({ dtype: "f64", shape: ["account"], unit: "currency", doc }) as const;
const close = { f64: { relative: 1e-12, floor: 10 }, f32: { relative: 1e-12, floor: 10 } } as const;

/** Places of positions by account, then class group, then as they came. */
function inOrder(account: ArrayLike<number>, group: ArrayLike<number>): number[] {
  const places = Array.from({ length: account.length }, (_, i) => i);
  return places.sort((a, b) => account[a]! - account[b]! || group[a]! - group[b]! || a - b);
}

/** What each account must hold: the worst scenario of each class group, within which gains and losses offset each other. */
export const portfolioMargin = kernel({
  name: "portfolio_margin",
  rows: "position",
  doc:
    "Margin of accounts from the grid of their positions. Within a class group of an account profits and losses offset each other scenario by " +
    "scenario; its requirement is the loss in its worst scenario, or the sum of `minimum` where that is more, and never below 0. Groups do not " +
    "offset each other: maintenance is the sum of theirs, initial is initialRatio times that. Equity is cash and what positions are worth. Where " +
    "equity is below maintenance the call asks for what lacks to initial.",
  source:
    "Kupiec & White (1996), J. Futures Markets 16(8): offsets in full within a class group, none between groups; least charges a position as in FINRA Rule 4210(g)(7)",
  inputs: {
    profit: {
      dtype: "f64",
      shape: ["position", "scenarios"],
      unit: "currency",
      doc: "profit of each position in each scenario, as margin_grid gives it; NaN: the position has no price",
      expects: "a profit: NaN says that the position could not be priced",
    },
    value: {
      dtype: "f64",
      shape: ["position"],
      unit: "currency",
      doc: "what each position is worth; NaN: it has no price",
      expects: "a value: NaN says that the position could not be priced",
    },
    account: id("account", "a row of 'cash'"),
    group: { ...id("class group", ""), check: { below: "groups" }, expects: "a class group below 'groups'" },
    minimum: {
      dtype: "f64",
      shape: ["position"],
      optional: true,
      check: { min: 0 },
      unit: "currency",
      doc: "least charge for each position, such as 37.50 a short option of 100 shares; 0 where left out",
    },
    cash: { dtype: "f64", shape: ["account"], check: {}, unit: "currency", doc: "cash of each account, borrowed money negative" },
  },
  params: {
    scenarios: { type: "i32", min: 1, max: 100_000, default: 16, unit: "scenarios", doc: "columns of profit" },
    groups: { type: "i32", min: 1, max: 100_000_000, unit: "groups", doc: "class groups there are: ids are below it" },
    initialRatio: { type: "f64", min: 1, max: 100, default: 1.1, doc: "initial over maintenance requirement" },
    bad: badParam("leave_out"),
  },
  outputs: {
    equity: money("cash and the value of positions"),
    maintenance: money("what equity must not fall below"),
    initial: money("what equity must reach to open positions, and after a call"),
    excess: money("equity less maintenance; below 0: the account may be liquidated"),
    call: money("what must be paid in: initial less equity where excess is below 0, else 0"),
    unpriced: {
      dtype: "i32",
      shape: ["account"],
      unit: "positions",
      doc: "positions left out for want of a price: the account's numbers are those of the others",
    },
  },
  compare: {
    equity: close,
    maintenance: close,
    initial: close,
    excess: close,
    call: close,
    unpriced: { f64: { exact: true }, f32: { exact: true } },
  },
  workspace: true,
  cost: ({ position = 0 }, { scenarios }) => ({ flops: position * (scenarios + 10), bytes: position * (8 * scenarios + 40) }),
  reference({ in: { profit, value, account, group, minimum, cash }, params: { scenarios, initialRatio, bad }, out }) {
    for (let i = 0; i < value.length; i++)
      if (account[i]! >= cash.length) return { consumed: i, produced: 0, refused: { code: "badValue", input: "account", row: i } };
    const row = (i: number) => profit.subarray(i * scenarios, (i + 1) * scenarios);
    const priced = (i: number) => Number.isFinite(value[i]!) && row(i).every(Number.isFinite);
    for (let i = 0; i < value.length && bad === "refuse"; i++) {
      if (!Number.isFinite(value[i]!)) return { consumed: i, produced: 0, refused: { code: "badValue", input: "value", row: i } };
      const column = row(i).findIndex((x) => !Number.isFinite(x));
      if (column >= 0) return { consumed: i, produced: 0, refused: { code: "badValue", input: "profit", row: i * scenarios + column } };
    }
    out.equity.set(cash);
    out.maintenance.fill(0);
    out.unpriced.fill(0);
    const places = inOrder(account, group);
    for (let from = 0, to: number; from < places.length; from = to) {
      const [a, g] = [account[places[from]!]!, group[places[from]!]!];
      const sums = new Float64Array(scenarios);
      let least = 0;
      for (to = from; to < places.length && account[places[to]!] === a && group[places[to]!] === g; to++) {
        const i = places[to]!;
        if (!priced(i)) {
          out.unpriced[a]!++;
          continue;
        }
        for (let s = 0; s < scenarios; s++) sums[s]! += profit[i * scenarios + s]!;
        least += minimum?.[i] ?? 0;
        out.equity[a]! += value[i]!;
      }
      out.maintenance[a]! += Math.max(0, least, -Math.min(...sums));
    }
    for (let a = 0; a < cash.length; a++) {
      out.initial[a] = initialRatio * out.maintenance[a]!;
      out.excess[a] = out.equity[a]! - out.maintenance[a]!;
      out.call[a] = out.excess[a]! < 0 ? out.initial[a]! - out.equity[a]! : 0;
    }
    return undefined;
  },
  sample({ position = 0, account = 0 }, random, { scenarios, groups, bad }) {
    const profit = Float64Array.from({ length: position * scenarios }, () => (random() - 0.55) * spread(random));
    const value = Float64Array.from({ length: position }, () => (random() - 0.4) * spread(random));
    if (bad === "leave_out") for (let i = 3; i < position; i += 7) i % 2 ? (value[i] = Number.NaN) : (profit[i * scenarios] = Number.NaN);
    return {
      profit,
      value,
      account: Uint32Array.from({ length: position }, () => Math.floor(account * random() ** 2)),
      group: Uint32Array.from({ length: position }, () => Math.floor(groups * random())),
      minimum: Float64Array.from({ length: position }, (_, i) => (i % 3 === 0 ? 40 * random() : 0)),
      cash: Float64Array.from({ length: account }, () => 500 * (random() - 0.2)),
    };
  },
  golden: [
    {
      source:
        "hand calculation. Account 0, group 0: (-4, 5) and (6, -7) offset to (2, -2), group 1: (3, -1), no loss in full: 2 + 1 = 3; " +
        "account 1: least charge 2.5 over a loss of 1; account 2 has nothing",
      inputs: {
        profit: [-4, 5, -1, -0.5, 6, -7, 3, -1],
        value: [10, 1, -2, 4],
        account: [0, 1, 0, 0],
        group: [0, 0, 0, 1],
        minimum: [0, 2.5, 0.5, 0],
        cash: [-10, 1, 7],
      },
      options: { scenarios: 2, groups: 2, initialRatio: 1.5 },
      outputs: {
        equity: [2, 2, 7],
        maintenance: [3, 2.5, 0],
        initial: [4.5, 3.75, 0],
        excess: [-1, -0.5, 7],
        call: [2.5, 1.75, 0],
        unpriced: [0, 0, 0],
      },
      relative: 1e-15,
    },
    {
      source: "hand calculation: a position without a price is counted in its account, and changes no other number",
      inputs: { profit: [-4, Number.NaN], value: [10, 3], account: [0, 0], group: [0, 0], cash: [0] },
      options: { scenarios: 1, groups: 1, initialRatio: 1, bad: "leave_out" },
      outputs: { equity: [10], maintenance: [4], excess: [6], unpriced: [1] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { position: 0, account: 2 } },
    { dims: { position: 1, account: 1 }, options: { scenarios: 1 } },
    { dims: { position: 203, account: 9 } },
    { dims: { position: 1_003, account: 30 }, options: { scenarios: 21, groups: 40, bad: "leave_out" } },
    { dims: { position: 303, account: 400 }, options: { scenarios: 3 }, without: ["minimum"] },
  ],
  bench: [{ dims: { position: 100_000, account: 1_000 }, options: { groups: 500 } }],
  example: { groups: 7 },
});

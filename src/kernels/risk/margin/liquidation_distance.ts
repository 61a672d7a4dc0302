import { kernel } from "../../../core/call/kernel.js";
import { badParam, faultOf, type Positions, positionInputs, refusal, samplePositions, spoil, worthOf } from "../parts/positions.js";

const distance = (doc: string) => ({ dtype: "f64", shape: ["set"], unit: "ratio", doc }) as const;
const close = { f64: { relative: 1e-8, floor: 1e-3 }, f32: { relative: 1e-8, floor: 1e-3 } } as const;

/** Rungs between which a first crossing is looked for, and halvings of what lies between two. */
const rungs = 32;
const halvings = 40;
/** The last rungs: a millionth of the price, four times it. */
const furthest = { down: -(1 - 1e-6), up: 3 };

/** What a set's positions gain where all their prices move by `move`. */
const gain = (p: Positions, members: readonly number[], move: number) =>
  members.reduce((sum, i) => sum + (worthOf(p, i, 1 + move, 1) - worthOf(p, i, 1, 1)), 0);

/** Size of the first move towards `end` at which the gain is no more than -room. */
function firstMove(p: Positions, members: readonly number[], room: number, end: number): number {
  if (room <= 0) return 0;
  const rung = (k: number) => end * (k / rungs) ** 2;
  const k = Array.from({ length: rungs }, (_, j) => j + 1).find((at) => gain(p, members, rung(at)) <= -room);
  if (k === undefined) return Number.POSITIVE_INFINITY;
  let [near, far] = [rung(k - 1), rung(k)];
  for (let round = 0; round < halvings; round++) {
    const middle = (near + far) / 2;
    if (gain(p, members, middle) <= -room) far = middle;
    else near = middle;
  }
  return Math.abs(far);
}

/** How far prices may move before sets of positions have lost what they can. */
export const liquidationDistance = kernel({
  name: "liquidation_distance",
  rows: "position",
  doc:
    "For each set of positions the smallest relative fall, and the smallest rise, of the prices below them that loses `room`, every position " +
    "repriced in full. Make each position its own set for the distance of positions, those of an account in one instrument for that of " +
    "holdings, all of an account for that of accounts (all prices then move by the same ratio); room is the account's excess over maintenance, " +
    "which is held still, as are volatilities. A first crossing is looked for on 32 rungs, closer together near the price, up to a millionth of " +
    "it and four times it; a loss that comes and goes between two rungs is not seen.",
  source: "the definition; repricing as in Merton (1973), Bell J. Econ. 4(1)",
  inputs: {
    ...positionInputs,
    set: {
      dtype: "u32",
      shape: ["position"],
      unit: "row of room",
      doc: "the set that each position belongs to",
      expects: "a row of 'room'",
    },
    room: { dtype: "f64", shape: ["set"], check: {}, unit: "currency", doc: "what each set may lose; 0 or less: it is at its end now" },
  },
  params: { bad: badParam("leave_out") },
  outputs: {
    down: distance("smallest fall that loses room, 0.25 for 25 %; 0 where there is no room, Infinity where no fall does"),
    up: distance("smallest rise that loses room; Infinity where no rise up to 300 % does"),
  },
  compare: { down: close, up: close },
  workspace: true,
  cost: ({ position = 0 }) => ({ flops: position * 144 * 140, bytes: position * 144 * 70 }),
  reference({ in: positions, params: { bad }, out }) {
    const { set, room, quantity } = positions;
    const members: number[][] = Array.from(room, () => []);
    for (let i = 0; i < quantity.length; i++) {
      const fault = faultOf(positions, i);
      if (fault !== "ok" && bad === "refuse") return refusal(fault, i);
      if (set[i]! >= room.length) return { consumed: i, produced: 0, refused: { code: "badValue", input: "set", row: i } };
      if (fault === "ok") members[set[i]!]!.push(i);
    }
    members.forEach((of, k) => {
      out.down[k] = firstMove(positions, of, room[k]!, furthest.down);
      out.up[k] = firstMove(positions, of, room[k]!, furthest.up);
    });
    return undefined;
  },
  sample({ position = 0, instrument = 0, set = 0 }, random, { bad }) {
    const positions = samplePositions(position, instrument, random);
    if (bad !== "refuse") spoil(positions);
    return {
      ...positions,
      set: Uint32Array.from({ length: position }, () => Math.floor(set * random())),
      room: Float64Array.from({ length: set }, (_, k) => (k % 9 === 4 ? 0 : 300 * random() ** 2)),
    };
  },
  golden: [
    {
      source:
        "closed forms: 10 shares at 100 lose 250 when they fall 25 %, 20 sold futures at 50 lose 100 when they rise 10 %; both at once, with " +
        "equal worth, never; nothing left: 0",
      inputs: {
        quantity: [10, -20, 10, -20, 1],
        kind: [0, 3, 0, 3, 0],
        underlying: [0, 1, 0, 1, 0],
        strike: [0, 48, 0, 51, 0],
        expiry: [0, 0, 0, 0, 0],
        volatility: [0, 0, 0, 0, 0],
        price: [100, 50],
        set: [0, 1, 2, 2, 3],
        room: [250, 100, 10, 0],
      },
      outputs: {
        down: [0.25, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0],
        up: [Number.POSITIVE_INFINITY, 0.1, Number.POSITIVE_INFINITY, 0],
      },
      relative: 1e-10,
    },
    {
      source:
        "mpmath 1.3.0, findroot on the pricing formula: 2 short calls lose 500, 3 puts 1,000, a short straddle 400 either way; contracts of 100",
      inputs: {
        quantity: [-2, 3, -1, -1],
        multiplier: [100, 100, 100, 100],
        kind: [1, 2, 1, 2],
        underlying: [0, 0, 0, 0],
        strike: [105, 95, 100, 100],
        expiry: [0.25, 0.5, 0.1, 0.1],
        volatility: [0.3, 0.4, 0.5, 0.5],
        rate: [0.03, 0.03, 0, 0],
        dividendYield: [0.01, 0.01, 0, 0],
        price: [100],
        set: [0, 1, 2, 2],
        room: [500, 1_000, 400],
      },
      outputs: {
        down: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0.13906300403358535],
        up: [0.052041709836237016, 0.11518742610457124, 0.11935998983222892],
      },
      relative: 1e-9,
    },
  ],
  parity: [
    { dims: { position: 0, instrument: 1, set: 1 } },
    { dims: { position: 1, instrument: 1, set: 1 } },
    { dims: { position: 67, instrument: 4, set: 15 } },
    { dims: { position: 67, instrument: 4, set: 9 }, options: { bad: "leave_out" } },
    { dims: { position: 33, instrument: 3, set: 40 }, without: ["multiplier", "rate", "dividendYield"] },
  ],
  bench: [{ dims: { position: 2_000, instrument: 100, set: 200 } }],
});

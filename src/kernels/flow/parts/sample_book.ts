/** Seeded changes of order books: a market that wanders, orders that come and go near the best prices, and what feeds do wrong. */
import { spread } from "../../parts/sample.js";

/**
 * Rows for `book`: mostly sizes set near the best price of the side, a third of them 0; where the market moves a tick, the level that it
 * moved over is gone; now and then a level far away, a book crossed for some rows, a repeated event, a reset, and a stretch without moves.
 */
export function sampleChanges(
  rows: number,
  random: () => number,
  { depth, instruments }: Readonly<Record<string, any>>,
  without: ReadonlySet<string>,
) {
  const side = new Int8Array(rows);
  const price = new Float64Array(rows);
  const size = new Float64Array(rows);
  const flags = new Uint8Array(rows);
  const sequence = new Float64Array(rows);
  const instrument = new Uint32Array(rows);
  const middle = new Float64Array(instruments).fill(10_000);
  const event = new Float64Array(instruments).fill(1);
  const many = instruments > 1 && !without.has("instrument");
  for (let i = 0; i < rows; i++) {
    const id = many ? Math.floor(random() * instruments) : 0;
    const still = i > 0.4 * rows && i < 0.43 * rows;
    const kind = random();
    const moved = !still && kind < 0.1;
    const crossing = i > 0.7 * rows && i < 0.75 * rows && random() < 0.1;
    const away = still ? 2 : 1 + Math.floor((kind > 0.98 ? 2 * depth : 8) * -Math.log(1 - random()));
    instrument[i] = id;
    side[i] = kind > 0.99 && kind < 0.995 ? 0 : random() < 0.47 ? 1 : -1;
    // A bid is set at most a tick below the middle; where that falls, the level there goes.
    if (moved) middle[id]! -= side[i]!;
    price[i] = side[i] === 0 ? 0 : middle[id]! - side[i]! * (moved ? 0 : crossing ? -3 : away);
    size[i] = side[i] === 0 || moved || random() < 0.36 ? 0 : spread(random);
    flags[i] = (i > 0 && random() < 2 / (rows + 100) ? 1 : 0) + (random() < 0.7 ? 2 : 0);
    sequence[i] = random() < 0.01 ? Math.max(0, event[id]! - 1) : event[id]!;
    if (flags[i]! & 2 || without.has("flags")) event[id]!++;
  }
  return {
    side,
    price,
    size,
    ...(without.has("flags") ? {} : { flags }),
    ...(without.has("sequence") ? {} : { sequence }),
    ...(without.has("instrument") ? {} : { instrument }),
  };
}

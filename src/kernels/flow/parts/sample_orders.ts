/** Seeded orders that come, are taken in parts and go, near the best prices of a market that wanders; and what feeds do wrong. */

interface Order {
  id: bigint;
  side: number;
  price: number;
  left: number;
}

/**
 * Rows for `order_book`: a third adds near the middle, the rest takes or deletes orders that rest; now and then an order of before, one added
 * twice, more taken than rests, rows that name no level, a reset; and a stretch in which one order is taken lot by lot.
 */
export function sampleOrders(
  rows: number,
  random: () => number,
  { instruments, orders }: Readonly<Record<string, any>>,
  without: ReadonlySet<string>,
) {
  const action = new Uint8Array(rows);
  const order = new BigInt64Array(rows);
  const side = new Int8Array(rows);
  const price = new Float64Array(rows);
  const size = new Float64Array(rows);
  const flags = new Uint8Array(rows);
  const instrument = new Uint32Array(rows);
  const many = instruments > 1 && !without.has("instrument");
  const resting: Order[][] = Array.from({ length: instruments }, () => []);
  const middle = new Float64Array(instruments).fill(10_000);
  const most = (1.1 * orders) / (many ? instruments : 1);
  let next = 1n;
  for (let i = 0; i < rows; i++) {
    const id = many ? Math.floor(random() * instruments) : 0;
    const live = resting[id]!;
    const still = i > 0.4 * rows && i < 0.43 * rows;
    const kind = random();
    if (!still) middle[id]! += random() < 0.05 ? Math.floor(3 * random()) - 1 : 0;
    instrument[i] = id;
    flags[i] = (i > 0 && random() < 1 / (rows + 100) ? 1 : 0) + (random() < 0.8 ? 2 : 0);
    if (flags[i]! & 1) live.length = 0;
    if (live.length === 0 || (live.length < most && kind < 0.5 && !still)) {
      const way = random() < 0.47 ? 1 : -1;
      const one = { id: next++, side: way, price: middle[id]! - way * (1 + Math.floor(-9 * Math.log(1 - random()))), left: 0 };
      one.left = Math.ceil(10 ** (6 * random() - 2));
      const twice = kind < 0.01 && live.length > 0;
      [action[i], order[i], side[i], price[i], size[i]] = [1, twice ? live[0]!.id : one.id, one.side, one.price, one.left];
      if (!twice) live.push(one);
    } else if (kind > 0.97) {
      const named = random() < 0.7;
      [action[i], order[i], size[i]] = [random() < 0.5 ? 2 : kind > 0.995 ? 0 : 3, -next, Math.ceil(5 * random())];
      [side[i], price[i]] = named ? [1, middle[id]! - 1 - Math.floor(5 * random())] : [0, 0];
    } else {
      const at = still ? 0 : Math.floor(live.length * random() ** 2);
      const one = live[at]!;
      const whole = !still && random() < 0.6;
      const told = random() < 0.5;
      const part = whole ? one.left : Math.min(one.left, 1 + Math.floor(one.left * random() * (still ? 0.01 : 1)));
      [action[i], order[i], size[i]] = [whole && random() < 0.5 ? 3 : 2, one.id, random() < 0.01 ? part + 1 : part];
      [side[i], price[i]] = told ? [one.side, one.price] : [0, 0];
      one.left -= size[i]!;
      if (one.left <= 0 || action[i] === 3) live.splice(at, 1);
    }
  }
  return {
    ...{ action, order, side, price, size },
    ...(without.has("flags") ? {} : { flags }),
    ...(without.has("instrument") ? {} : { instrument }),
  };
}

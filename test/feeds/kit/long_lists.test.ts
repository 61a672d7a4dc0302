import "../../../src/entries/set_up.js";
import { expect, it } from "vitest";
import { binance } from "../../../src/feeds/binance/spot.js";
import { FrameParser } from "../../../src/feeds/kit/frame_parser.js";
import { rowKinds } from "../../../src/feeds/kit/rows.js";

const trade = (id: number) => ({
  id,
  price: "1.5",
  qty: "2",
  quoteQty: "3",
  time: 1_700_000_000_000 + id,
  isBuyerMaker: id % 2 === 0,
  isBestMatch: true,
});

it.each(["native", "reference"] as const)("an answer of REST is read whole, whatever the number of its trades: %s", (backend) => {
  const parser = new FrameParser(binance, ["BTCUSDT"], { rules: binance.rest.rules, backend });
  for (const count of [1, 63, 64, 65, 66, 1000]) {
    parser.push(Buffer.from(JSON.stringify(Array.from({ length: count }, (_, id) => trade(id)))), 1_700_000_000_000_000_000n, 0);
    const ids: number[] = [];
    parser.run(({ id, kind }, rows) => {
      for (let row = 0; row < rows; row++) if (kind[row] === rowKinds.trade) ids.push(Number(id[row]));
    });
    expect(ids, `${count}`).toEqual(Array.from({ length: count }, (_, id) => id));
  }
});

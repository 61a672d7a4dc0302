/** The venues that the server can be. */
import { DataError } from "../../core/contract/errors.js";
import { binanceFutures, binanceSpot } from "./binance.js";
import { coinbase } from "./coinbase.js";
import type { Dialect } from "./dialect.js";
import { krakenV1, krakenV2 } from "./kraken.js";
import { recordedTape } from "./tape.js";

export const dialects: readonly Dialect[] = [binanceSpot, binanceFutures, coinbase, krakenV2, krakenV1];

/** Messages that are looked at. */
const enough = 200;

/** Which venue a recording is of, by its messages. */
export async function dialectOf(path: string): Promise<Dialect> {
  const fits = dialects.map(() => 0);
  let looked = 0;
  for await (const { ms, text } of recordedTape(path)) {
    for (const [i, dialect] of dialects.entries()) if (dialect.read(text, ms) && dialect.own(text)) fits[i]!++;
    if (++looked === enough) break;
  }
  const most = Math.max(...fits);
  if (most > 0) return dialects[fits.indexOf(most)]!;
  const names = dialects.map(({ name }) => name).join(", ");
  throw new DataError("E_VENUE_TAPE", `${path}: none of its first ${looked} messages is one of ${names}`, {
    ...{ file: path, hint: "say which venue it is of: --as NAME" },
  });
}

/**
 * Trades as ccxt gives them -> VPIN.
 *
 *   node main.mjs [TRADES.json]                  what fetchTrades or watchTrades answered, as JSON; without a file, the tape beside this one
 *   node main.mjs --live binance BTC/USDT        the last ten minutes of an exchange; needs the package ccxt and a network
 */
import { readFileSync } from "node:fs";
import { fromCcxt, vpin } from "tickforge";

/** Pages of trades from `since` on: each begins at the time of the last trade before it, so that pages overlap and none is missed. */
async function fetched(name, symbol, since) {
  const { default: ccxt } = await import("ccxt").catch(() => {
    throw new Error("the package ccxt is not installed: npm install ccxt (67 MB)");
  });
  if (!ccxt[name]) throw new Error(`ccxt has no exchange '${name}'`);
  const exchange = new ccxt[name]();
  const trades = [];
  for (let from = since; ; ) {
    const page = await exchange.fetchTrades(symbol, from, 1000);
    trades.push(...page);
    const last = page.at(-1)?.timestamp;
    if (last === undefined || last <= from) return trades;
    from = last;
  }
}

async function main([first, exchange, symbol]) {
  const path = first ?? new URL("trades.json", import.meta.url);
  const live = first === "--live";
  if (live && !symbol) throw new Error("--live takes an exchange and a symbol, such as --live binance BTC/USDT");
  const given = live ? await fetched(exchange, symbol, Date.now() - 600_000) : JSON.parse(readFileSync(path, "utf8"));

  const trades = fromCcxt(given); // typed arrays; a trade that came twice counts once
  const count = trades.time.length;
  if (count === 0) throw new Error("there is no trade in that");
  console.log(`${count} trades of ${given[0].symbol}, ${trades.duplicates} that pages had twice left out`);

  const volume = trades.size.reduce((sum, size) => sum + size, 0);
  const { endTime, vpin: values, lastPrice } = vpin(trades, { bucketVolume: volume / 40, window: 10 });
  for (let i = 9; i < values.length; i += 10) {
    const time = new Date(Number(endTime[i] / 1_000_000n)).toISOString().slice(11, 23);
    console.log(`${time}  price ${lastPrice[i].toFixed(2)}  VPIN ${values[i].toFixed(3)}`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`${error.message}${error.hint ? `\n  fix     ${error.hint}` : ""}`);
  process.exitCode = 1;
});

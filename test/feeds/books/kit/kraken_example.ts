/** The snapshot in Kraken's page "Book checksum (WebSocket v2)", whose checksum is 3310070434. */
export const bids = [
  ["45283.5", "0.10000000"],
  ["45283.4", "1.54582015"],
  ["45282.1", "0.10000000"],
  ["45281.0", "0.10000000"],
  ["45280.3", "1.54592586"],
  ["45279.0", "0.07990000"],
  ["45277.6", "0.03310103"],
  ["45277.5", "0.30000000"],
  ["45277.3", "1.54602737"],
  ["45276.6", "0.15445238"],
];
export const asks = [
  ["45285.2", "0.00100000"],
  ["45286.4", "1.54571953"],
  ["45286.6", "1.54571109"],
  ["45289.6", "1.54560911"],
  ["45290.2", "0.15890660"],
  ["45291.8", "1.54553491"],
  ["45294.7", "0.04454749"],
  ["45296.1", "0.35380000"],
  ["45297.5", "0.09945542"],
  ["45299.5", "0.18772827"],
];

const listed = (side: string[][]) => `[${side.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(",")}]`;
/** As it comes: numbers with all their zeros. */
export const exampleText = `{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":${listed(bids)},"asks":${listed(asks)},"checksum":3310070434}]}`;
/** What the venue sums of levels. */
export const digitsOf = (side: string[][]) =>
  side.flatMap((level) => level.map((text) => text.replace(".", "").replace(/^0+/, ""))).join("");

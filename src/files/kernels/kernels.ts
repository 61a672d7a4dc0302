/** Kernels of the data room: same contract, same suites, not offered to users. */
export { columnTrades } from "./column_trades.js";
export { crc32c } from "./crc32c.js";
export { dbnTrades } from "./dbn_trades.js";
export { delimitedTable } from "./delimited_table.js";
export { delimitedTrades } from "./delimited_trades.js";

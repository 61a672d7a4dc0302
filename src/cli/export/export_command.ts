/** tickforge export, as it is declared. */
import type { Command } from "../kit/command.js";
import { forceFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";

export const exportCommand: Command = {
  name: "export",
  synopsis: "RECORDING --out FILE",
  summary: "a recording as a file of Parquet or Arrow, for pandas, polars and DuckDB",
  examples: [
    "tickforge export trades.tfr --out trades.parquet   times in ns and UTC, instruments by name, every digit of i64",
    "tickforge export day.depth.tfr --out depth.arrow   an Arrow file (Feather 2); both need an optional package",
    "tickforge export own.tfr --out own.parquet --times sent,acked --symbols strategy",
  ],
  notes: ["Rows are held against the recording's checksums before anything is written. NaN stays NaN; vectors are lists."],
  flags: {
    columns: [
      [
        {
          name: "times",
          value: "NAMES",
          doc: "i64 columns that are times (default: time, received, happened, names ending in Time, _time, _ns)",
        },
      ],
      [{ name: "symbols", value: "NAMES", doc: "u32 columns that are symbols (default: instrument, engine, metric, factor, account)" }],
    ],
    output: [[{ name: "out", value: "FILE", doc: "ends with .parquet or .arrow" }], [jsonFlag, forceFlag, quietFlag, noColorFlag]],
  },
  run: async (given) => (await import("./export.js")).exportRecording(given),
};

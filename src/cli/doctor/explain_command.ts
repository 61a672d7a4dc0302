/** tickforge explain, as it is declared. */
import type { Command } from "../kit/command.js";

export const explainCommand: Command = {
  name: "explain",
  synopsis: "[CODE]",
  summary: "what an error code means and what to do about it",
  examples: ["tickforge explain E_BAD_VALUE", "tickforge explain            lists all codes"],
  flags: {},
  run: async ({ words, terminal }) => (await import("./explain.js")).explain(words, terminal),
};

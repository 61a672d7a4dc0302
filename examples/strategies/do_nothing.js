/** Does nothing: what a run over the files comes to by itself, and the least that a strategy is. */
import { defineStrategy } from "tickforge/backtest";

export default defineStrategy({
  name: "do_nothing",
  doc: "Does nothing.",
  params: {},
  begin: () => ({}),
});

/** Does nothing: what a run over the files comes to by itself, and the least that a strategy is. */
/** @satisfies {import("tickforge/backtest").Strategy} */
export default {
  name: "do_nothing",
  doc: "Does nothing.",
  params: {},
  begin: () => ({}),
};

/** Takes one unit at every trade, by turns on each side: an order and its answer for every row. */
export default {
  name: "taker",
  doc: "Takes at every trade.",
  params: {},
  rows: { topics: ["trades"], every: 1 },
  begin() {
    let side: 1 | -1 = 1;
    return {
      onRows(context: { submit(request: object): number; book(instrument: number): { mid: number } }) {
        side = -side as 1 | -1;
        context.submit({ instrument: 0, side, price: context.book(0).mid, size: 1, type: "immediate" });
      },
    };
  },
};

/** What hooks are given instead of the desk: it can neither be changed, nor does anything of the run hang on it beside what hooks may see. */
import type { Context } from "../strategy/strategy.js";

export const lent = (desk: Context): Context =>
  Object.freeze({
    get now() {
      return desk.now;
    },
    get instruments() {
      return desk.instruments;
    },
    get cash() {
      return desk.cash;
    },
    get equity() {
      return desk.equity;
    },
    state: Object.freeze({ ...desk.state }),
    stateOf: (instrument) => desk.stateOf(instrument),
    book: (instrument) => desk.book(instrument),
    position: (instrument) => desk.position(instrument),
    orders: (instrument) => desk.orders(instrument),
    feature: (name, instrument) => desk.feature(name, instrument),
    submit: (request) => desk.submit(request),
    cancel: (order) => desk.cancel(order),
    replace: (order, to) => desk.replace(order, to),
    timer: (name, at) => desk.timer(name, at),
    log: (message) => desk.log(message),
  } satisfies Context);

/** Asks the strategy: the only place where its hooks are called. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { Agenda } from "../account/agenda.js";
import { type Desk, stamp } from "../desk/desk.js";
import type { AnyStrategy, Context, Hooks } from "../strategy/strategy.js";
import type { Audit } from "./audit.js";

/** Hooks at one time: more, and time stands still. */
const mostAtOneTime = 100_000;

export class Asker {
  /** Times that the strategy was asked. */
  decisions = 0;
  private askedAt = 0;

  constructor(
    private readonly strategy: AnyStrategy,
    readonly hooks: Hooks,
    private readonly desk: Desk,
    private readonly agenda: Agenda,
    private readonly audit: Audit,
  ) {}

  /** The trader's clock is that of the run. */
  clock(): void {
    const { desk, agenda, audit } = this;
    audit.goesOn(desk.now, agenda.now);
    if (agenda.now !== desk.now) this.askedAt = this.decisions;
    desk.now = agenda.now;
  }

  /** Where the strategy has the hook. */
  ask<N extends keyof Hooks>(name: N, ...news: Parameters<NonNullable<Hooks[N]>> extends [Context, ...infer Rest] ? Rest : never): void {
    const { hooks, strategy, agenda } = this;
    if (!hooks[name]) return;
    this.decisions++;
    this.clock();
    if (this.decisions - this.askedAt > mostAtOneTime)
      throw new TickforgeError("E_STRATEGY_TIME", `${strategy.name}: ${name} was asked ${mostAtOneTime} times at ${stamp(agenda.now)}`, {
        value: name,
        hint: "set timers later than now: a timer that is past calls again at once",
      });
    this.desk.hook(strategy.name, name, (context) => (hooks[name] as (context: Context, ...news: unknown[]) => unknown)(context, ...news));
  }
}

/** Funding of perpetual futures: at its times the longs pay the shorts a share of the position's value, or are paid where the rate is below 0. */
import { needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";

/** Rates as they were: times in ns UTC, rising, and the share paid at each. */
export interface FundingRates {
  readonly time: BigInt64Array;
  readonly rate: Float64Array;
}

/** The same rate every so many hours from midnight UTC on, or rates as they were: one for all instruments, or one each. */
export type FundingOptions = FundingPlan | readonly (FundingPlan | undefined)[];
type FundingPlan = { readonly rate: number; readonly everyHours?: number } | FundingRates;

const hour = 3_600_000_000_000n;

export class Funding {
  private readonly plans: readonly (FundingPlan | undefined)[];
  private readonly one: boolean;

  constructor(options: FundingOptions) {
    this.one = !Array.isArray(options);
    this.plans = (this.one ? [options] : options) as readonly (FundingPlan | undefined)[];
    for (const plan of this.plans) if (plan !== undefined) check(plan);
  }

  private plan(instrument: number): FundingPlan | undefined {
    return this.plans[this.one ? 0 : instrument];
  }

  /** The first time of funding after a time. */
  next(instrument: number, after: bigint): bigint | undefined {
    const plan = this.plan(instrument);
    if (!plan) return undefined;
    if (isTable(plan)) return plan.time[above(plan.time, after)];
    const step = stepOf(plan);
    return (floor(after, step) + 1n) * step;
  }

  /** Money for what is held from `from` (excluded) to `to` (included), at one mark price: below 0 it is paid. */
  paid(instrument: number, position: number, mark: number, from: bigint, to: bigint): number {
    const plan = this.plan(instrument);
    if (!plan || position === 0 || to <= from) return 0;
    let rate = 0;
    if (isTable(plan)) for (let i = above(plan.time, from), end = above(plan.time, to); i < end; i++) rate += plan.rate[i]!;
    else rate = Number(floor(to, stepOf(plan)) - floor(from, stepOf(plan))) * plan.rate;
    return rate === 0 ? 0 : -position * mark * rate;
  }

  get remarks(): string[] {
    const constant = this.plans.some((plan) => plan && !isTable(plan));
    const mark = "funding is charged on the mid at its times: venues take their mark price, which is not recorded";
    return constant ? ["funding at one rate throughout: what was really paid rose and fell with the market", mark] : [mark];
  }
}

const isTable = (plan: FundingPlan): plan is FundingRates => "time" in plan;
const stepOf = (plan: { readonly everyHours?: number }): bigint => BigInt(plan.everyHours ?? 8) * hour;
const floor = (time: bigint, step: bigint): bigint => time / step - (time % step < 0n ? 1n : 0n);

/** The first place whose time is after one. */
function above(times: BigInt64Array, time: bigint): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

function check(plan: FundingPlan): void {
  needObject("costs.funding", plan);
  const refused = (what: string, value: unknown) =>
    new TickforgeError("E_OPTION_RANGE", `funding: ${what}`, {
      option: "funding",
      value,
      hint: "Give { rate, everyHours }, or { time, rate } as columns with times that rise.",
    });
  if (!isTable(plan)) {
    const { rate, everyHours = 8 } = plan;
    if (!Number.isFinite(rate)) throw refused(`rate is ${rate}`, rate);
    if (!(Number.isInteger(everyHours) && everyHours >= 1 && everyHours <= 24))
      throw refused(`everyHours is ${everyHours}, expected 1 to 24`, everyHours);
    return;
  }
  if (plan.time.length !== plan.rate.length) throw refused(`${plan.time.length} times and ${plan.rate.length} rates`, plan.rate.length);
  for (let i = 0; i < plan.time.length; i++) {
    if (!Number.isFinite(plan.rate[i]!)) throw refused(`rate ${i} is ${plan.rate[i]}`, plan.rate[i]);
    if (i > 0 && plan.time[i]! <= plan.time[i - 1]!) throw refused(`time ${i} is not after the one before`, plan.time[i]);
  }
}

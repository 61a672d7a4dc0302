/** What is on the way between a trader and a venue, in a state block; the native form is native/kernels/flow/parts/mailbox.h. */

/** The end of all times: nothing happens then. */
export const never = 2n ** 63n - 1n;
export const later = (time: bigint, ns: number): bigint => {
  const sum = time + BigInt(ns);
  return sum < never ? sum : never;
};
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** A ring of messages, each of some times (the first is when it comes, never falling) and some numbers. */
class Ring {
  constructor(
    private readonly times: BigInt64Array,
    private readonly numbers: Float64Array,
    /** Where the first lies, and how many there are. */
    private readonly ends: Float64Array,
    private readonly most: number,
  ) {}

  get count(): number {
    return this.ends[1]!;
  }
  get full(): boolean {
    return this.count === this.most;
  }
  /** When the first comes. */
  get next(): bigint {
    return this.count === 0 ? never : this.first().times[0]!;
  }
  first(): { times: BigInt64Array; numbers: Float64Array } {
    return this.at(this.ends[0]!);
  }
  push(times: readonly bigint[], numbers: readonly number[]): void {
    const place = this.at(this.ends[0]! + this.count);
    place.times.set(times);
    place.numbers.set(numbers);
    this.ends[1]!++;
  }
  drop(): void {
    this.ends[0] = (this.ends[0]! + 1) % this.most;
    this.ends[1]!--;
  }

  private at(place: number) {
    const [times, numbers] = [this.times.length / this.most, this.numbers.length / this.most];
    const at = place % this.most;
    return {
      times: this.times.subarray(times * at, times * (at + 1)),
      numbers: this.numbers.subarray(numbers * at, numbers * (at + 1)),
    };
  }
}

/** Values of a message of each kind: times and numbers. */
export const requestTimes = 2;
export const requestNumbers = 6;
export const answerTimes = 3;
export const answerNumbers = 13;

/** What wakes a trader beside answers: a timer, the best bid and the best ask at a price, so many rows of the market. */
export const alarms = { timer: 0, bid: 1, ask: 2, rows: 3 } as const;
export const alarmCount = 4;

export interface Request {
  kind: number;
  id: bigint;
  side: number;
  price: number;
  size: number;
  type: number;
  /** Nanoseconds that what is told of it takes. */
  answer: number;
}

export interface Answer {
  told: bigint;
  /** When it happened at the venue. */
  happened: bigint;
  id: bigint;
  kind: number;
  reason: number;
  side: number;
  price: number;
  size: number;
  left: number;
  maker: number;
  fee: number;
  queue: number;
  position: number;
  cash: number;
  fees: number;
  row: number;
}

interface MailState {
  requestTimes: BigInt64Array;
  requests: Float64Array;
  requestEnds: Float64Array;
  answerTimes: BigInt64Array;
  answers: Float64Array;
  answerEnds: Float64Array;
  /** When the last request arrives, and when the last answer is told: none overtakes another. */
  channel: BigInt64Array;
  alarms: BigInt64Array;
}

export class Mailbox {
  private readonly requests: Ring;
  private readonly answers: Ring;

  constructor(
    private readonly state: MailState,
    private readonly mostAnswers: number,
    mostRequests: number,
  ) {
    this.requests = new Ring(state.requestTimes, state.requests, state.requestEnds, mostRequests);
    this.answers = new Ring(state.answerTimes, state.answers, state.answerEnds, mostAnswers);
  }

  get requestsFull(): boolean {
    return this.requests.full;
  }
  /** Whether a request arrives up to `time`. */
  arrives(time: bigint): boolean {
    return this.requests.count > 0 && this.requests.next <= time;
  }
  get nextArrival(): bigint {
    return this.requests.next;
  }
  roomFor(answers: number): boolean {
    return this.answers.count + answers <= this.mostAnswers;
  }

  send(arrival: bigint, { kind, id, side, price, size, type, answer }: Request): void {
    const { channel } = this.state;
    channel[0] = larger(channel[0]!, arrival);
    this.requests.push([channel[0]!, id], [kind, side, price, size, type, answer]);
  }
  receive(): { time: bigint; request: Request } {
    const [time, id] = this.requests.first().times;
    const [kind, side, price, size, type, answer] = this.requests.first().numbers;
    this.requests.drop();
    return { time: time!, request: { kind: kind!, id: id!, side: side!, price: price!, size: size!, type: type!, answer: answer! } };
  }

  answer(one: Answer): void {
    const { channel } = this.state;
    channel[1] = larger(channel[1]!, one.told);
    const { kind, reason, side, price, size, left, maker, fee, queue, position, cash, fees, row } = one;
    this.answers.push(
      [channel[1]!, one.happened, one.id],
      [kind, reason, side, price, size, left, maker, fee, queue, position, cash, fees, row],
    );
  }

  /** When the next answer or alarm is told. */
  get nextTold(): bigint {
    let next = this.answers.next;
    for (const due of this.state.alarms) if (due < next) next = due;
    return next;
  }
  /** The answer that is told at `time`, or the alarm, by its number. */
  take(time: bigint): Answer | number {
    if (this.answers.next !== time) {
      const alarm = this.state.alarms.indexOf(time);
      this.state.alarms[alarm] = never;
      return alarm;
    }
    const [told, happened, id] = this.answers.first().times;
    const [kind, reason, side, price, size, left, maker, fee, queue, position, cash, fees, row] = this.answers.first().numbers;
    this.answers.drop();
    return {
      ...{ told: told!, happened: happened!, id: id!, kind: kind!, reason: reason!, side: side!, price: price!, size: size!, left: left! },
      ...{ maker: maker!, fee: fee!, queue: queue!, position: position!, cash: cash!, fees: fees!, row: row! },
    };
  }
}

/** A time in halves, without a BigInt being made: comparing those for each row would cost more than the kernels. */
export class Halved {
  private readonly time = new BigInt64Array(1);
  private readonly words = new Int32Array(this.time.buffer);

  set(time: bigint): void {
    this.time[0] = time;
  }
  get high(): number {
    return this.words[1]!;
  }
  get low(): number {
    return this.words[0]! >>> 0;
  }
}

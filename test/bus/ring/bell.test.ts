import { describe, expect, it } from "vitest";
import { Bell, type Wake } from "../../../src/bus/ring/bell.js";

/** Waits that are over after so many looks; how often the thread slept in each. */
function sleeps(looks: number, waits: number): number[] {
  const words = new Int32Array(2);
  let slept = 0;
  const wake: Wake = {
    wait: () => void slept++,
    notify: () => {},
    arrival: () => undefined,
  };
  const bell = new Bell(words, 0, 1, wake);
  return Array.from({ length: waits }, () => {
    slept = 0;
    let looked = 0;
    expect(
      bell.sleep(
        () => ++looked > looks || slept > 0,
        1000,
        () => {},
      ),
    ).toBe(true);
    return slept;
  });
}
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe("a thread that waits", () => {
  it("learns to look for as long as most waits take, instead of sleeping through each", () => {
    for (const looks of [10, 300, 2000]) expect(sum(sleeps(looks, 1000)), `${looks} looks`).toBeLessThanOrEqual(16);
  });

  it("sleeps where waits are long, and looks only a little before", () => {
    const words = new Int32Array(2);
    let looked = 0;
    let slept = false;
    const bell = new Bell(words, 0, 1, { wait: () => void (slept = true), notify: () => {}, arrival: () => undefined });
    for (let i = 0; i < 1000; i++) {
      slept = false;
      bell.sleep(
        () => ++looked > 0 && slept,
        1000,
        () => {},
      );
    }
    expect(looked / 1000).toBeLessThan(350);
    expect(sum(sleeps(1e9, 100))).toBe(100);
  });
});

/** A whole number of steps as a value: 6 steps of 0.1 are 0.6, and not the double after it. */
export function stepped(whole: number, step: number): number {
  const per = Math.round(1 / step);
  return per >= 1 && Math.abs(per * step - 1) < 1e-12 ? whole / per : whole * step;
}

/** Which of one instrument's VPIN values are alarms, in plain code. */
interface Rule {
  threshold: number;
  minHistory: number;
  history: number;
}

export function plainAlarms(vpin: ArrayLike<number>, { threshold, minHistory, history }: Rule): number[] {
  return Array.from(vpin, (value, i) => {
    const earlier = Array.from(vpin)
      .slice(0, i)
      .filter((one) => !Number.isNaN(one))
      .slice(-history);
    const below = earlier.filter((one) => one < value - 1e-12).length;
    return !Number.isNaN(value) && earlier.length >= minHistory && below / earlier.length >= threshold ? 1 : 0;
  });
}

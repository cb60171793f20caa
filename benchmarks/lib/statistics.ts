export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values, a share of each. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at - Math.floor(at));
}

/** How many times as much, by the medians. */
export function ratio(of: readonly number[], to: readonly number[]): number {
  return median(of) / median(to);
}

/** Three digits that count: what is behind them is noise. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : value;
}

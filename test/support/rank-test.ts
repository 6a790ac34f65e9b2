/**
 * The Mann–Whitney U test: how many standard deviations the ranks of two samples are apart; positive when the first is the greater. Ranks, not
 * times: a pause of the machine counts as one late value, however long it was. Normal approximation with correction for ties and continuity
 * (Mann and Whitney 1947; good from about twenty values each).
 */
export function mannWhitneyZ(first: readonly number[], second: readonly number[]): number {
  const [n, m] = [first.length, second.length];
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ].sort((a, b) => a.value - b.value);
  let [rankSum, ties] = [0, 0];
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    // Equal values share the mean of their ranks, which begin at 1.
    for (const { isFirst } of all.slice(from, to)) if (isFirst) rankSum += (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const u = rankSum - (n * (n + 1)) / 2;
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const difference = u - (n * m) / 2;
  return variance === 0 ? 0 : (Math.sign(difference) * Math.max(0, Math.abs(difference) - 0.5)) / Math.sqrt(variance);
}

/** The two-sided p value: how likely two samples of one distribution are at least so far apart. */
export function pOf(z: number): number {
  return Math.min(1, 2 * upperTail(Math.abs(z)));
}

/** P(Z > z) of the standard normal distribution for z ≥ 0 (Abramowitz and Stegun 26.2.17 by way of 7.1.26; error below 1.5e-7). */
function upperTail(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 0.5 * sum * Math.exp(-x * x);
}

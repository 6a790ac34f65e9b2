/** The candidate that is most like a mistyped word, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { readonly text: string; readonly distance: number } | undefined;
  for (const text of candidates) {
    const [wrong, right] = [word.toLowerCase(), text.toLowerCase()];
    // `ordrs` means `orders-api` rather than nothing: the beginning counts too, but less than the whole.
    const start =
      wrong.length < 3 ? Number.POSITIVE_INFINITY : editDistance(wrong, right.slice(0, wrong.length + 1)) + 0.5;
    const distance = Math.min(editDistance(wrong, right), start);
    if (best === undefined || distance < best.distance) best = { text, distance };
  }
  const limit = Math.max(1, word.length * 0.4);
  return best !== undefined && best.distance <= limit ? best.text : undefined;
}

/** Letters to add, take, change or swap to make one of the other. */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 20) return Math.max(a.length, b.length);
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

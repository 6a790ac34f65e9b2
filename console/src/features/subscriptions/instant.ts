/** Epoch ms of what a date and time field holds, in the person's own zone. */
export function epochOf(text: string): number {
  return new Date(text).getTime();
}

/** What a date and time field holds for an instant, in the person's own zone; empty for none. */
export function fieldOf(at: number | undefined): string {
  if (at === undefined) return '';
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

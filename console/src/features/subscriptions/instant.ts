/** Epoch ms of what a date and time field holds, in the person's own zone. */
export function epochOf(text: string): number {
  return new Date(text).getTime();
}

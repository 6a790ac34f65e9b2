/** How a token store does, with the time that it takes. */
export function storeState(health: unknown): string {
  const { state, ms } = { state: '–', ms: undefined, ...(typeof health === 'object' ? health : {}) };
  return typeof ms === 'number' ? `${state}, ${ms} ms` : String(state);
}

/** How many records a token store holds, of all kinds together. */
export function storeRecords(health: unknown): string {
  const { records } = { records: undefined, ...(typeof health === 'object' ? health : {}) };
  if (typeof records !== 'object' || records === null) return '–';
  return String(Object.values(records).reduce((sum: number, count: unknown) => sum + Number(count), 0));
}

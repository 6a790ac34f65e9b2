/**
 * That every number of an operation can be kept. One that cannot would fail the whole transaction, and with it what others wait for.
 * @throws RangeError for fractions, infinities, NaN and numbers beyond 2^53
 */
export function checkWholeNumbers(value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`the token store keeps whole numbers, not ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) checkWholeNumbers(member);
  }
}

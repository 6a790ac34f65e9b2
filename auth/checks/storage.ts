import { Refusal } from '#core/errors';

/**
 * Below the free space that is kept no token is issued; revocation goes on (decision 36).
 * @throws Refusal `storage_low`
 */
export function checkStorage(isLow: boolean): void {
  if (isLow) throw new Refusal('storage_low', {}, { headers: { 'Retry-After': '60' } });
}

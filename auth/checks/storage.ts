import { Refusal } from '#core/errors';

/** The disk has too little room for tokens. */
export interface StorageLow {
  readonly freeBytes: number;
  /** What is to be kept free. */
  readonly minFreeBytes: number;
}

/**
 * Below the free space that is kept no token is issued; revocation goes on (decision 36).
 * @throws Refusal `storage_low`
 */
export function checkStorage(low: StorageLow | undefined): void {
  if (low !== undefined) throw new Refusal('storage_low', { ...low }, { headers: { 'Retry-After': '60' } });
}

import type { Settings } from '#core/model/settings';
import { LOCAL_SOURCE } from '../records/user.ts';
import type { UserTable } from './tables.ts';

/** True when a second factor is required and somebody with a password here has none. People of a provider have theirs there. */
export function mustAddSecondFactor(
  user: Pick<UserTable, 'source' | 'totp_confirmed'>,
  settings: Pick<Settings, 'requireSecondFactor'>,
): boolean {
  return settings.requireSecondFactor && user.source === LOCAL_SOURCE && user.totp_confirmed !== 1;
}

import { useLocalStorage } from '@mantine/hooks';
import type { Call } from './call.ts';

const MOST = 50;

/** A call that was made here: kept in this browser only, never with a token. */
export interface PastCall {
  readonly at: number;
  readonly status: number;
  readonly call: Call;
}

/** The last calls, newest first. */
export function useHistory(): readonly [readonly PastCall[], (call: Call, status: number) => void, () => void] {
  const [past, setPast] = useLocalStorage<PastCall[]>({ key: 'gatewright.try.history', defaultValue: [] });
  const add = (call: Call, status: number) => {
    const kept = { ...call, token: '', auth: call.auth === 'token' ? ('none' as const) : call.auth };
    setPast((before) => [{ at: Date.now(), status, call: kept }, ...before].slice(0, MOST));
  };
  return [past, add, () => setPast([])];
}

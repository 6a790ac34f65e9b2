import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What a screen keeps in its address: filters, order, page, the open request. All text. */
export type UrlState = Readonly<Record<string, string | undefined>>;

/** Reads the address's search part, and changes it. `undefined` or empty removes a field; `replace` leaves no step in the history. */
export function useUrlState(): readonly [
  UrlState,
  (change: UrlState, options?: { readonly replace?: boolean }) => void,
] {
  const state = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const change = useCallback(
    (patch: UrlState, { replace = true }: { readonly replace?: boolean } = {}) => {
      void navigate({
        to: '.',
        search: (before: UrlState) => withoutEmpty({ ...before, ...patch }),
        replace,
      } as never);
    },
    [navigate],
  );
  return [state, change];
}

function withoutEmpty(state: UrlState): UrlState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined && value !== ''));
}

/** Reads a search part: every field is text, as it stands there. */
export function parseSearch(text: string): UrlState {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Writes it. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    if (value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

import type { HeaderOverview } from '#core/model/overview/screens';
import { useApi } from '../components/loaded.tsx';

const REFRESH_MS = 10_000;

/** What the header shows, asked every ten seconds while the tab is seen. */
export function useHeader() {
  return useApi<HeaderOverview>('/overview/header', { refreshMs: REFRESH_MS });
}

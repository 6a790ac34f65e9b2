import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem.ts';

/** What was asked, kept for a moment. What the API refuses is not asked again; what did not answer is, twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => !(error instanceof ApiProblem) && failures < 2,
      retryDelay: (attempt) => 500 * 2 ** attempt,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

/** After a change: everything on screen is asked again. */
export function refreshAll(): Promise<void> {
  return queryClient.invalidateQueries();
}

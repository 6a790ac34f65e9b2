import { notifyManager, QueryClient } from '@tanstack/react-query';
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

/**
 * After a change: everything on screen is asked again. When it resolves, the screen has the answers: what was shown in their place meanwhile
 * may go. (The queries tell their screens a task after they have the answer; without waiting for that, what was before would be seen again for
 * a moment, and what is not in it would lose the focus.)
 */
export async function refreshAll(): Promise<void> {
  await queryClient.invalidateQueries();
  await new Promise<void>((resolve) => notifyManager.schedule(resolve));
}

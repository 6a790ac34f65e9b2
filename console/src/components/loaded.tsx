import { Skeleton, Stack } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, type Query } from '../api/client.ts';
import { formatAgo } from './format.ts';
import { useNow } from './moment.tsx';
import { Failure } from './states.tsx';

/** How a screen asks. `refreshMs`: again and again, while the tab is seen. */
export interface LoadOptions {
  readonly query?: Query;
  readonly refreshMs?: number;
  readonly enabled?: boolean;
}

/** Asks the API for what a screen shows; its address and query are the key. */
export function useApi<Answer>(address: string, options: LoadOptions = {}): UseQueryResult<Answer> {
  const { query, refreshMs, enabled = true } = options;
  return useQuery<Answer>({
    queryKey: [address, query],
    queryFn: ({ signal }) => api.get<Answer>(address, query, signal),
    enabled,
    // Old data stand in while the same is asked with other filters; never for another thing.
    placeholderData: (previous: unknown, query: { readonly queryKey: readonly unknown[] } | undefined) =>
      query?.queryKey[0] === address ? (previous as never) : undefined,
    ...(refreshMs !== undefined && { refetchInterval: refreshMs }),
  });
}

/**
 * Shows what was loaded; until then a skeleton; on a failure why, with old data staying on screen, greyed, with their age.
 * `what`: e.g. `API projects`.
 */
export function Loaded<Answer>({
  result,
  what,
  skeleton,
  children,
}: {
  readonly result: UseQueryResult<Answer>;
  readonly what: string;
  readonly skeleton?: ReactNode;
  readonly children: (answer: Answer) => ReactNode;
}) {
  const now = useNow();
  const retry = () => void result.refetch();
  if (result.data === undefined)
    return result.isError ? (
      <Failure what={`Could not load ${what}.`} error={result.error} onRetry={retry} />
    ) : (
      (skeleton ?? <Lines count={6} />)
    );
  // One structure with and without a failure, so that what is typed below survives a refresh that fails.
  const { isError } = result;
  return (
    <div style={isError ? { display: 'grid', gap: 16 } : { display: 'contents' }}>
      {isError && (
        <Failure
          what={`Could not load ${what}. What you see is from ${formatAgo(result.dataUpdatedAt, now)}.`}
          error={result.error}
          onRetry={retry}
        />
      )}
      <div style={isError ? { opacity: 0.6, minWidth: 0 } : { display: 'contents' }}>{children(result.data)}</div>
    </div>
  );
}

/** Grey lines where something is about to be. */
export function Lines({ count }: { readonly count: number }) {
  return (
    <Stack gap="sm" w="100%" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} height={18} radius="sm" width={`${90 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

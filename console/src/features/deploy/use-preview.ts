import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Diff } from '#core/model/deployment';
import { api } from '../../api/client.ts';
import type { DeployCheck } from './checks.tsx';

/** What a deployment would change, and whether it is allowed. */
export interface DeployPreview {
  readonly diff: Diff;
  readonly checks: readonly DeployCheck[];
  /** The version that would be placed, when it exists already. */
  readonly version?: number;
}

/** What a deployment of the draft, or of a version, to a server group would change; nothing is asked without a group. */
export function useDeployPreview(
  project: string,
  serverGroup: string | undefined,
  version: number | undefined,
): UseQueryResult<DeployPreview> {
  const body = { project, serverGroup, dryRun: true, ...(version !== undefined && { version }) };
  return useQuery<DeployPreview>({
    queryKey: ['deploy preview', body],
    queryFn: () => api.post<DeployPreview>('/deployments', body),
    enabled: serverGroup !== undefined,
    staleTime: 0,
    // What another server group would see is not shown meanwhile.
    placeholderData: () => undefined,
  });
}

/** What a roll back would change. */
export function useRollbackPreview(
  project: string,
  serverGroup: string,
  toVersion: number | undefined,
): UseQueryResult<Diff> {
  const body = { project, serverGroup, dryRun: true, ...(toVersion !== undefined && { toVersion }) };
  return useQuery<Diff>({
    queryKey: ['rollback preview', body],
    queryFn: () => api.post<Diff>('/deployments/rollback', body),
    staleTime: 0,
    placeholderData: () => undefined,
  });
}

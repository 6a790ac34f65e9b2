import { useQuery } from '@tanstack/react-query';
import type { Phase } from '#core/model/phase';
import { api } from '../../api/client.ts';
import type { JsonSchema } from '../../schema-form/json-schema.ts';

/** A kind of policy as the manager describes it. */
export interface PolicyType {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  /** The endpoints at which it may run. */
  readonly phases: readonly Phase[];
  readonly schema: JsonSchema;
}

/** Groups of the Add policy menu as people read them. One that is not listed here is shown by its name. */
const CATEGORY_TITLES: Readonly<Record<string, string>> = {
  oauth: 'OAuth',
  access: 'Access',
  traffic: 'Traffic',
  transform: 'Transform',
  test: 'Test',
};

const NONE: readonly PolicyType[] = [];

/** The policy types that the manager has, in its order; asked once. Empty until it has answered. */
export function usePolicyTypes(): readonly PolicyType[] {
  const { data } = useQuery({
    queryKey: ['/policy-types'],
    queryFn: ({ signal }) => api.get<{ readonly items: readonly PolicyType[] }>('/policy-types', undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.items ?? NONE;
}

/** Policy types by category, in the order in which categories come first. */
export function byCategory(types: readonly PolicyType[]): readonly (readonly [string, readonly PolicyType[]])[] {
  return [...Map.groupBy(types, ({ category }) => category)].map(([category, members]) => [
    CATEGORY_TITLES[category] ?? category,
    members,
  ]);
}

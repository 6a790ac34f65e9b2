import { PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { ProjectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import type { ProblemDetail } from '#core/problem';
import { findUnknownNames, unknownNameMessage } from '#core/selector-names';
import { quoted } from './diff-words.ts';

type SnapshotPolicy = ProjectSnapshot['policies'][number];
type SnapshotChain = NonNullable<ProjectSnapshot['chains']>[number];

/** Finds what the policies of a project call. */
interface Calls {
  readonly chains: ReadonlyMap<string, SnapshotChain>;
  readonly policies: ReadonlyMap<string, SnapshotPolicy>;
  readonly types: ReadonlyMap<string, AnyPolicyType>;
}

/** What is wrong with a project's policy chains, and with names in selectors: what a gateway would refuse (decision 21). */
export function chainErrors(snapshot: ProjectSnapshot, types: readonly AnyPolicyType[]): ProblemDetail[] {
  const calls = callsOf(snapshot, types);
  return [
    ...[...calls.chains.values()].flatMap((chain) => memberErrors(chain, calls)),
    ...snapshot.policies.flatMap((policy) => callErrors(policy, calls)),
    ...placeErrors(snapshot, calls),
    ...nameErrors(snapshot, calls),
  ];
}

/** The names of the policies that an attached one runs, itself first, chains within chains too. */
export function policiesWithin(snapshot: ProjectSnapshot, types: readonly AnyPolicyType[], name: string): string[] {
  const reached = new Set<string>();
  const calls = callsOf(snapshot, types);
  const visit = (policy: string): void => {
    if (reached.has(policy)) return;
    reached.add(policy);
    for (const { chain } of calledBy(policy, calls)) for (const member of membersOf(chain)) visit(member);
  };
  visit(name);
  return [...reached];
}

function callsOf({ policies, chains = [] }: ProjectSnapshot, types: readonly AnyPolicyType[]): Calls {
  return {
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    policies: new Map(policies.map((policy) => [policy.name, policy])),
    types: new Map(types.map((type) => [type.name, type])),
  };
}

function membersOf(chain: SnapshotChain | undefined): string[] {
  return (chain?.policies ?? []).flatMap(({ policy, enabled }) => (enabled ? [policy] : []));
}

function calledBy(policy: string, { chains, policies, types }: Calls) {
  const found = policies.get(policy);
  const type = found === undefined ? undefined : types.get(found.type);
  const config = type?.schema.safeParse(found?.config);
  const names = config?.success === true ? (type?.calls?.(config.data) ?? []) : [];
  return names.map((name) => ({ name, chain: chains.get(name) }));
}

function memberErrors(chain: SnapshotChain, { policies }: Calls): ProblemDetail[] {
  return chain.policies.flatMap(({ policy }, i) =>
    policies.has(policy)
      ? []
      : [
          {
            pointer: `/chains/${chain.name}/policies/${i}`,
            code: 'unknown_policy',
            message: `Policy chain ${quoted(chain.displayName)}: there is no policy ${policy}.`,
          },
        ],
  );
}

function callErrors({ name, displayName }: SnapshotPolicy, calls: Calls): ProblemDetail[] {
  return calledBy(name, calls).flatMap((called): ProblemDetail[] => {
    const pointer = `/policies/${name}/config`;
    if (called.chain === undefined)
      return [
        {
          pointer,
          code: 'unknown_chain',
          message: `Policy ${quoted(displayName)} calls the policy chain ${called.name}, and there is none of that name.`,
        },
      ];
    if (!leadsTo(called.chain, name, calls)) return [];
    const message = `Policy ${quoted(displayName)} calls the policy chain ${called.name}, which calls it again.`;
    return [{ pointer, code: 'chain_calls_itself', message }];
  });
}

function leadsTo(chain: SnapshotChain, policy: string, calls: Calls): boolean {
  const seen = new Set<string>();
  const visit = (one: SnapshotChain | undefined): boolean => {
    if (one === undefined || seen.has(one.name)) return false;
    seen.add(one.name);
    return membersOf(one).some(
      (name) => name === policy || calledBy(name, calls).some((called) => visit(called.chain)),
    );
  };
  return visit(chain);
}

/** A policy of a chain runs at the endpoint of the policy that calls it, and must be allowed there. */
function placeErrors(snapshot: ProjectSnapshot, calls: Calls): ProblemDetail[] {
  const found = new Map<string, ProblemDetail>();
  const visit = (policy: string, phase: Phase, seen: readonly string[]): void => {
    for (const { chain } of calledBy(policy, calls)) {
      if (chain === undefined || seen.includes(chain.name)) continue;
      chain.policies.forEach(({ policy: member, enabled }, i) => {
        if (!enabled) return;
        const type = calls.types.get(calls.policies.get(member)?.type ?? '');
        const pointer = `/chains/${chain.name}/policies/${i}`;
        if (type !== undefined && !type.phases.includes(phase))
          found.set(pointer, {
            pointer,
            code: 'phase_not_allowed',
            message: `Policy chain ${quoted(chain.displayName)} is called at ${PHASE_TITLES[phase]}, where ${type.title} cannot run.`,
          });
        visit(member, phase, [...seen, chain.name]);
      });
    }
  };
  for (const { endpoints } of [snapshot.project, ...snapshot.resources])
    for (const phase of PHASES)
      for (const { policy, enabled } of endpoints[phase]) if (enabled) visit(policy, phase, []);
  return [...found.values()];
}

function nameErrors({ policies }: ProjectSnapshot, { types }: Calls): ProblemDetail[] {
  return findUnknownNames(policies, types).map(({ policy, name }) => ({
    pointer: `/policies/${policy}/config`,
    code: 'unknown_attribute',
    message: `Policy ${policy}: ${unknownNameMessage(name)}`,
  }));
}

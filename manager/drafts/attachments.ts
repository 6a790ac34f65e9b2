import { type Attachment, type Endpoints, PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';
import type { PolicyChain } from '#core/model/policy-chain';
import type { Project } from '#core/model/project';
import type { Resource } from '#core/model/resource';
import type { AnyPolicyType } from '#core/policy';
import type { ProblemDetail } from '#core/problem';
import { nearestName } from '../http/nearest-name.ts';

/** What attachments are checked against. */
export interface AttachmentRules {
  readonly policies: readonly Pick<Policy, 'name' | 'type'>[];
  readonly types: readonly AnyPolicyType[];
}

/** What is wrong with the attachments at one endpoint: no such policy, an endpoint its type is not for, one policy twice. */
export function attachmentErrors(
  attachments: readonly Attachment[],
  phase: Phase,
  rules: AttachmentRules & { readonly pointer: string },
): ProblemDetail[] {
  return attachments.flatMap(({ policy: name }, index): ProblemDetail[] => {
    const pointer = `${rules.pointer}/${index}/policy`;
    const policy = rules.policies.find((known) => known.name === name);
    if (policy === undefined) return [unknownPolicy(pointer, name, rules)];
    if (attachments.findIndex((other) => other.policy === name) < index)
      return [{ pointer, code: 'duplicate', message: `The policy ${name} stands here twice.` }];
    const type = rules.types.find((known) => known.name === policy.type);
    if (type === undefined || type.phases.includes(phase)) return [];
    const allowed = type.phases.map((known) => PHASE_TITLES[known]).join(', ');
    return [
      {
        pointer,
        code: 'phase_not_allowed',
        message: `${type.title} cannot run at ${PHASE_TITLES[phase]}; it can at: ${allowed}.`,
      },
    ];
  });
}

/** The same for all four endpoints. `pointer`: where the endpoints stand. */
export function endpointsErrors(endpoints: Endpoints, rules: AttachmentRules, pointer = '/endpoints'): ProblemDetail[] {
  return PHASES.flatMap((phase) =>
    attachmentErrors(endpoints[phase], phase, { ...rules, pointer: `${pointer}/${phase}` }),
  );
}

/** What is wrong with the policies of a chain: no such policy, one policy twice. Where it may run is known when it is called. */
export function chainErrors(attachments: readonly Attachment[], rules: AttachmentRules): ProblemDetail[] {
  return attachments.flatMap(({ policy: name }, index): ProblemDetail[] => {
    const pointer = `/policies/${index}/policy`;
    if (!rules.policies.some((known) => known.name === name)) return [unknownPolicy(pointer, name, rules)];
    if (attachments.findIndex((other) => other.policy === name) === index) return [];
    return [{ pointer, code: 'duplicate', message: `The policy ${name} stands here twice.` }];
  });
}

/** Where in a project a policy is attached, in words: `DefaultResource, Proxy Request`. */
export function attachedPlaces(
  policy: string,
  project: Pick<Project, 'endpoints'>,
  resources: readonly Pick<Resource, 'displayName' | 'endpoints'>[],
  chains: readonly Pick<PolicyChain, 'displayName' | 'policies'>[] = [],
): string[] {
  const places = [{ displayName: 'the project', endpoints: project.endpoints }, ...resources];
  return [
    ...places.flatMap(({ displayName, endpoints }) =>
      PHASES.filter((phase) => endpoints[phase].some((attachment) => attachment.policy === policy)).map(
        (phase) => `${displayName}, ${PHASE_TITLES[phase]}`,
      ),
    ),
    ...chains
      .filter((chain) => chain.policies.some((attachment) => attachment.policy === policy))
      .map(({ displayName }) => `policy chain ${displayName}`),
  ];
}

function unknownPolicy(pointer: string, name: string, rules: AttachmentRules): ProblemDetail {
  const names = rules.policies.map((policy) => policy.name);
  const meant = nearestName(name, names);
  const hint =
    meant !== undefined
      ? ` Did you mean "${meant}"?`
      : names.length > 0
        ? ` It has: ${names.slice(0, 20).join(', ')}.`
        : ' It has none yet.';
  return { pointer, code: 'unknown_policy', message: `The project has no policy ${name}.${hint}` };
}

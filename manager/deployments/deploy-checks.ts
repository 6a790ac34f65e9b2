import { type Attachment, type Endpoints, PHASE_TITLES, PHASES } from '#core/model/endpoint';
import { securingPolicies } from '#core/model/securing';
import type { ProjectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import type { ProblemDetail, ProblemFix } from '#core/problem';
import { chainErrors, policiesWithin } from './chain-checks.ts';
import { quoted } from './diff-words.ts';

/** One check before a deployment. */
export interface DeployCheck {
  /** Stable name: `policies`, `chains`, `endpoints`, `targets`, `resources`, `secured`, `path`, `variables`, `token-store`,
   * `token-stores`, `sign-in-origin`, `token-project`, `response-types`, `directories`. */
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly errors: readonly ProblemDetail[];
  /** What would help, where that can be said. */
  readonly fixes: readonly ProblemFix[];
}

/** Policy types that give the answer themselves: a resource with one needs no target. */
const ANSWERING = ['mock-answer', 'oauth-token-endpoint', 'oauth-authorization-endpoint'];

/** Everything that can be known of a snapshot by itself; the place in a server group is checked by deploy.ts. */
export function checkSnapshot(snapshot: ProjectSnapshot, types: readonly AnyPolicyType[]): DeployCheck[] {
  const n = (count: number, noun: string, plural = `${noun}s`) => `${count} ${count === 1 ? noun : plural}`;
  const { policies, resources, targets } = snapshot;
  return [
    check('policies', `${n(policies.length, 'policy', 'policies')} can be compiled.`, policyErrors(snapshot, types)),
    check('chains', chainsMessage(snapshot), chainErrors(snapshot, types)),
    check('endpoints', 'Every attached policy exists and may stand where it is.', attachmentErrors(snapshot, types)),
    check('targets', `${n(targets.length, 'target')}; every resource is answered.`, targetErrors(snapshot, types)),
    check('resources', `${n(resources.length, 'resource')} without overlap.`, overlapErrors(snapshot)),
    { ...check('secured', securedMessage(snapshot), unsecuredErrors(snapshot)), fixes: unsecuredFixes(snapshot) },
  ];
}

/** A check out of what is wrong; nothing: it went well. */
export function check(name: string, message: string, errors: readonly ProblemDetail[]): DeployCheck {
  const [first] = errors;
  return first === undefined
    ? { name, ok: true, message, errors, fixes: [] }
    : {
        name,
        ok: false,
        message: errors.length === 1 ? first.message : `${first.message} (${errors.length} errors)`,
        errors,
        fixes: [],
      };
}

function policyErrors({ policies }: ProjectSnapshot, types: readonly AnyPolicyType[]): ProblemDetail[] {
  return policies.flatMap(({ name, displayName, type, config }): ProblemDetail[] => {
    const pointer = `/policies/${name}`;
    const found = types.find((candidate) => candidate.name === type);
    if (found === undefined)
      return [
        {
          pointer: `${pointer}/type`,
          code: 'unknown_policy_type',
          message: `Policy ${quoted(displayName)}: there is no policy type ${type}.`,
        },
      ];
    const parsed = found.schema.safeParse(config);
    return (parsed.error?.issues ?? []).map((issue) => ({
      pointer: [`${pointer}/config`, ...issue.path.map(String)].join('/'),
      code: 'invalid_config',
      message: `Policy ${quoted(displayName)}: ${issue.path.join('.') || 'settings'}: ${issue.message}`,
    }));
  });
}

/** The project's own endpoints and those of its resources, each with its pointer and whose they are. */
function everyEndpoints({ project, resources }: ProjectSnapshot) {
  return [
    { pointer: '/project/endpoints', of: 'the project', endpoints: project.endpoints },
    ...resources.map(({ name, displayName, endpoints }) => ({
      pointer: `/resources/${name}/endpoints`,
      of: displayName,
      endpoints,
    })),
  ];
}

function attachmentErrors(snapshot: ProjectSnapshot, types: readonly AnyPolicyType[]): ProblemDetail[] {
  return everyEndpoints(snapshot).flatMap(({ pointer, of, endpoints }) =>
    PHASES.flatMap((phase) =>
      endpoints[phase].flatMap(({ policy }, i): ProblemDetail[] => {
        const place = { pointer: `${pointer}/${phase}/${i}`, where: `${PHASE_TITLES[phase]} of ${of}` };
        const found = snapshot.policies.find(({ name }) => name === policy);
        if (found === undefined)
          return [
            {
              pointer: place.pointer,
              code: 'unknown_policy',
              message: `${place.where}: there is no policy ${policy}.`,
            },
          ];
        const type = types.find(({ name }) => name === found.type);
        if (type === undefined || type.phases.includes(phase)) return [];
        const allowed = type.phases.map((allowedPhase) => PHASE_TITLES[allowedPhase]).join(', ');
        const message = `${place.where}: ${quoted(found.displayName)} may only be attached to ${allowed}.`;
        return [{ pointer: place.pointer, code: 'phase_not_allowed', message }];
      }),
    ),
  );
}

function chainsMessage({ chains = [] }: ProjectSnapshot): string {
  return chains.length === 0
    ? 'Every selector names something that is written.'
    : `${chains.length} ${chains.length === 1 ? 'policy chain' : 'policy chains'}; every selector names something that is written.`;
}

function targetErrors(snapshot: ProjectSnapshot, types: readonly AnyPolicyType[]): ProblemDetail[] {
  const { project, policies, resources, targets } = snapshot;
  const answers = (attachments: readonly Attachment[]) =>
    attachments.some(
      ({ policy, enabled }) =>
        enabled &&
        policiesWithin(snapshot, types, policy).some((within) =>
          ANSWERING.includes(policies.find(({ name }) => name === within)?.type ?? ''),
        ),
    );
  const isAnswered = (endpoints: Endpoints) => answers(endpoints.proxyRequest) || answers(endpoints.targetRequest);
  return resources.flatMap(({ name, displayName, target, endpoints }): ProblemDetail[] => {
    const pointer = `/resources/${name}/target`;
    if (target !== undefined && !targets.some((candidate) => candidate.name === target))
      return [{ pointer, code: 'unknown_target', message: `Resource ${displayName}: there is no target ${target}.` }];
    if (target !== undefined || isAnswered(endpoints) || isAnswered(project.endpoints)) return [];
    const message = `Resource ${displayName} has no target, and no policy that is on answers for it.`;
    return [{ pointer, code: 'target_missing', message }];
  });
}

function overlapErrors({ resources }: ProjectSnapshot): ProblemDetail[] {
  const seen = new Map<string, typeof resources>();
  return resources.flatMap((resource) => {
    const others = seen.get(shape(resource.path)) ?? [];
    seen.set(shape(resource.path), [...others, resource]);
    const twin = others.find((other) => methodsMeet(other.methods, resource.methods));
    if (twin === undefined) return [];
    const message = `Resources ${twin.displayName} and ${resource.displayName} both take ${resource.path}.`;
    return [{ pointer: `/resources/${resource.name}/path`, code: 'resource_overlap', message }];
  });
}

/** A pattern without the names of its parameters: `/orders/{id}` and `/orders/{order}` match the same paths. */
function shape(path: string): string {
  return path.replace(/\{[^}]*\}/g, '{}');
}

function methodsMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((method) => b.includes(method));
}

function securedMessage({ project, resources }: ProjectSnapshot): string {
  if (project.secureWith === 'none') return 'Secure API with: none. Anyone can call it, unless a policy refuses.';
  const open = resources.filter((resource) => resource.public).map(({ displayName }) => displayName);
  return open.length === 0
    ? 'Every resource demands a token.'
    : `Every resource demands a token, but for the public ${open.join(', ')}.`;
}

/** Decision 16: of a secured project no resource is reachable without its policy, unless it says that it is public. */
function unsecuredErrors({ project, policies, resources }: ProjectSnapshot): ProblemDetail[] {
  if (project.secureWith === 'none') return [];
  const { securePolicy } = project;
  if (securePolicy === undefined || !policies.some(({ name }) => name === securePolicy)) {
    const message = `Secure API with is ${project.secureWith}, but its policy ${securePolicy ?? ''} does not exist.`;
    return [{ pointer: '/project/securePolicy', code: 'secure_policy_missing', message }];
  }
  return unsecuredResources({ project, policies, resources }, securePolicy).map(({ name, displayName }) => ({
    pointer: `/resources/${name}/endpoints/proxyRequest`,
    code: 'resource_unsecured',
    message: `Resource ${displayName} lacks ${securePolicy} on Proxy Request; attach it, or make the resource public.`,
  }));
}

/** For the first resource that lacks it: the others are mended in the same ways. */
function unsecuredFixes({ project, policies, resources }: ProjectSnapshot): ProblemFix[] {
  const { name, secureWith, securePolicy } = project;
  if (secureWith === 'none' || securePolicy === undefined) return [];
  const [first] = unsecuredResources({ project, policies, resources }, securePolicy);
  if (first === undefined) return [];
  return [
    {
      text: `Demand a token for ${first.displayName}.`,
      command: `gatewright policy attach ${name}/${securePolicy} --resource ${first.name} --position 1`,
    },
    { text: 'Or let anybody call it.', command: `gatewright resource set ${name}/${first.name} public=true` },
  ];
}

function unsecuredResources(
  { project, policies, resources }: Pick<ProjectSnapshot, 'project' | 'policies' | 'resources'>,
  securePolicy: string,
): ProjectSnapshot['resources'] {
  const securing = securingPolicies(securePolicy, policies);
  const isOn = ({ proxyRequest }: Endpoints) =>
    proxyRequest.some(({ policy, enabled }) => enabled && securing.has(policy));
  if (isOn(project.endpoints)) return [];
  return resources.filter((resource) => !resource.public && !isOn(resource.endpoints));
}

import { ConfigurationError } from '#core/errors';
import { type Attachment, type Endpoints, PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { ProjectSnapshot } from '#core/model/version';
import type { AnyPolicyType, CompiledPolicy, PolicyContext, PolicyHandler, PolicyServices } from '#core/policy';
import type { PolicyChains } from '#core/policy-chain';
import { resolveSelectors, selectorText } from '#core/selector';
import { findUnknownNames, selectorFields, unknownNameMessage } from '#core/selector-names';
import { compileChain } from './chain.ts';
import type { GroupValues } from './group-values.ts';

/** One handler at its place in the running order. */
export interface Step {
  /** Position among all steps of the pipeline, for the trace. */
  readonly index: number;
  readonly phase: Phase;
  readonly policy: string;
  readonly displayName: string;
  readonly type: string;
  /** undefined: the policy is only entered here and acts later. */
  readonly handler: PolicyHandler | undefined;
  /** Runs on refusals too (CORS, rate headers). */
  readonly onRefusal: boolean;
  /** Number of the attachment that this step belongs to, in running order. */
  readonly attachment: number;
  /** True: runs only when that attachment was entered (a handler for a phase after its attachment). */
  readonly unwinds: boolean;
}

/** What happens to a request of one resource (decision 18). Made once a deployment; a request only walks it. */
export interface Pipeline {
  /** Proxy Request and Target Request: project level, then resource level. */
  readonly request: readonly Step[];
  /** Resource level, then project level, then those that unwind, last entered first. */
  readonly targetResponse: readonly Step[];
  readonly proxyResponse: readonly Step[];
  /** Every step, by {@link Step.index}. */
  readonly steps: readonly Step[];
  /** Policies whose refusal comes before the target: what *other readings* of a path may not lack. */
  readonly guards: ReadonlySet<string>;
}

/** A policy of a snapshot with its checked settings. */
export interface Configured {
  readonly type: AnyPolicyType;
  readonly name: string;
  readonly displayName: string;
  readonly config: unknown;
}

/** What compiling a project's policies needs. */
export interface PipelineDeps {
  readonly snapshot: ProjectSnapshot;
  /** What selectors in settings stand for. */
  readonly values: GroupValues;
  readonly policyTypes: ReadonlyMap<string, AnyPolicyType>;
  readonly context: Omit<PolicyContext, 'policy' | 'phase'>;
  readonly services: Omit<PolicyServices, 'context' | 'chains'>;
}

/**
 * Makes pipelines for the resources of one project. A policy is compiled once for each endpoint at which it is attached, however many
 * resources attach it.
 * @throws ConfigurationError for unknown policies, types and endpoints, and for settings that cannot work
 */
export function createPipelineCompiler(deps: PipelineDeps): (resource: Endpoints, pointer: string) => Pipeline {
  const configured = new Map(
    deps.snapshot.policies.map((policy, i) => [policy.name, configure(deps, policy, `/policies/${i}`)]),
  );
  checkNames(deps, [...configured.values()]);
  const compiled = new Map<string, CompiledPolicy>();
  const compileWithin =
    (callers: readonly string[]): CompileAt =>
    (attachment, phase, pointer) => {
      const policy = configured.get(attachment.policy);
      if (policy === undefined) throw new ConfigurationError(`There is no policy ${attachment.policy}.`, pointer);
      const key = `${phase} ${attachment.policy}`;
      const known = compiled.get(key);
      if (known !== undefined) return { policy, handlers: known };
      const compile = (name: string) =>
        compileChain(name, {
          chains: deps.snapshot.chains ?? [],
          callers,
          phase,
          pointer,
          clock: deps.services.clock,
          compileAt: compileWithin([...callers, name]),
        });
      const handlers = compilePolicy(deps, policy, { phase, pointer, chains: { compile } });
      compiled.set(key, handlers);
      return { policy, handlers };
    };
  const compileAt = compileWithin([]);
  return (resource, pointer) => assemble(deps.snapshot.project.endpoints, resource, pointer, compileAt);
}

/** Finds a policy and compiles it for an endpoint. @throws ConfigurationError */
export type CompileAt = (
  attachment: Attachment,
  phase: Phase,
  pointer: string,
) => { policy: Configured; handlers: CompiledPolicy };

function assemble(project: Endpoints, resource: Endpoints, pointer: string, compileAt: CompileAt): Pipeline {
  const byPhase: Record<Phase, Step[]> = { proxyRequest: [], targetRequest: [], targetResponse: [], proxyResponse: [] };
  const unwinding: Record<Phase, Step[]> = {
    proxyRequest: [],
    targetRequest: [],
    targetResponse: [],
    proxyResponse: [],
  };
  const guards = new Set<string>();
  let attachments = 0;
  let index = 0;
  for (const phase of PHASES) {
    const own = resource[phase].map((attachment, i) => ({ attachment, at: `${pointer}/endpoints/${phase}/${i}` }));
    const shared = project[phase].map((attachment, i) => ({ attachment, at: `/project/endpoints/${phase}/${i}` }));
    const isRequest = phase === 'proxyRequest' || phase === 'targetRequest';
    for (const { attachment, at } of isRequest ? [...shared, ...own] : [...own, ...shared]) {
      if (!attachment.enabled) continue;
      const { policy, handlers } = compileAt(attachment, phase, at);
      const number = attachments;
      attachments += 1;
      if (isRequest) guards.add(policy.name);
      for (const each of PHASES) {
        const handler = handlers[each];
        const isOwnPhase = each === phase;
        if (handler === undefined && !isOwnPhase) continue;
        (isOwnPhase ? byPhase : unwinding)[each].push({
          index,
          phase: each,
          policy: policy.name,
          displayName: policy.displayName,
          type: policy.type.name,
          handler,
          onRefusal: handlers.onRefusal === true && each === 'proxyResponse',
          attachment: number,
          unwinds: !isOwnPhase,
        });
        index += 1;
      }
    }
  }
  const pipeline = {
    request: [...byPhase.proxyRequest, ...unwinding.targetRequest, ...byPhase.targetRequest],
    targetResponse: [...byPhase.targetResponse, ...unwinding.targetResponse.reverse()],
    proxyResponse: [...byPhase.proxyResponse, ...unwinding.proxyResponse.reverse()],
  };
  const steps: Step[] = [];
  for (const step of [...pipeline.request, ...pipeline.targetResponse, ...pipeline.proxyResponse])
    steps[step.index] = step;
  return { ...pipeline, steps, guards };
}

function configure(deps: PipelineDeps, policy: ProjectSnapshot['policies'][number], pointer: string): Configured {
  const type = deps.policyTypes.get(policy.type);
  if (type === undefined)
    throw new ConfigurationError(`The policy type ${policy.type} is not known here.`, `${pointer}/type`);
  const literal = new Set(type.literalFields);
  const resolved = resolveSelectors(selectorFields(type, policy.config), (selector) => {
    const value = deps.values.get(selectorText(selector));
    if (value?.includes('${')) {
      // it would be read again as a selector, when a request comes
      const problem = `Policy ${policy.name} uses ${selectorText(selector)}, whose value holds a dollar sign with a brace.`;
      throw new ConfigurationError(problem, `${pointer}/config`);
    }
    if (value !== undefined) return value;
    const problem = `Policy ${policy.name} uses ${selectorText(selector)}, which is not set here or cannot be opened.`;
    throw new ConfigurationError(problem, `${pointer}/config`);
  });
  const untouched = Object.entries(policy.config).filter(([name]) => literal.has(name));
  const parsed = type.schema.safeParse(
    untouched.length === 0 ? resolved : { ...Object(resolved), ...Object.fromEntries(untouched) },
  );
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? []).map((part) => `/${String(part)}`).join('');
    throw new ConfigurationError(
      `Policy ${policy.name}: ${issue?.message ?? 'its settings are not valid'}`,
      `${pointer}/config${place}`,
    );
  }
  return { type, name: policy.name, displayName: policy.displayName, config: parsed.data };
}

/** Selectors name what some policy writes (decision 21). */
function checkNames(deps: PipelineDeps, policies: readonly Configured[]): void {
  const [first] = findUnknownNames(
    policies.map(({ type, name, config }) => ({ type: type.name, name, config })),
    deps.policyTypes,
  );
  if (first === undefined) return;
  const i = policies.findIndex(({ name }) => name === first.policy);
  throw new ConfigurationError(`Policy ${first.policy}: ${unknownNameMessage(first.name)}`, `/policies/${i}/config`);
}

function compilePolicy(
  deps: PipelineDeps,
  policy: Configured,
  { phase, pointer, chains }: { readonly phase: Phase; readonly pointer: string; readonly chains: PolicyChains },
): CompiledPolicy {
  const { type, name, displayName, config } = policy;
  if (!type.phases.includes(phase))
    throw new ConfigurationError(`${type.title} cannot be attached at ${PHASE_TITLES[phase]}.`, pointer);
  const context: PolicyContext = { ...deps.context, policy: { name, displayName }, phase };
  const handlers = type.compile(config, { ...deps.services, context, chains });
  for (const earlier of PHASES.slice(0, PHASES.indexOf(phase))) {
    if (handlers[earlier] !== undefined)
      throw new ConfigurationError(
        `Policy ${name} is attached at ${PHASE_TITLES[phase]} but acts at ${PHASE_TITLES[earlier]}, which comes before.`,
        pointer,
      );
  }
  return handlers;
}

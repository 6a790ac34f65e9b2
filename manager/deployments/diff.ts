import type { Change } from '#core/model/deployment';
import type { ProjectSnapshot } from '#core/model/version';
import { canonical, isObject } from './canonical.ts';
import { diffEndpoints } from './diff-endpoints.ts';
import { fieldWords, quoted, valueWords } from './diff-words.ts';

type Part = Readonly<Record<string, unknown>> & { readonly name: string; readonly displayName: string };
type Snapshot = ProjectSnapshot | undefined;

/**
 * The difference between two states of a project, as sentences and as JSON pointers with names instead of indexes. Parts are matched by
 * name, since ids mean nothing to people; `undefined` stands for nothing (before the first deployment, after an undeploy).
 */
export function diffSnapshots(from: Snapshot, to: Snapshot): Change[] {
  const titles = policyTitles(from, to);
  const resources = pairs(from?.resources, to?.resources);
  return [
    ...diffProject(from, to),
    ...pairs(from?.policies, to?.policies).flatMap(([a, b]) => diffPart('policies', a, b, ['config'])),
    ...resources.flatMap(([a, b]) => diffPart('resources', a, b, ['endpoints'])),
    ...diffEndpoints({ pointer: '/project/endpoints', of: 'the project', titles }, from?.project, to?.project),
    ...resources.flatMap(([a, b]) => {
      const shown = b ?? a;
      if (shown === undefined || b === undefined) return [];
      return diffEndpoints(
        { pointer: `${pointerTo('resources', b.name)}/endpoints`, of: shown.displayName, titles },
        a,
        b,
      );
    }),
    ...pairs(from?.targets, to?.targets).flatMap(([a, b]) => diffPart('targets', a, b, [])),
    ...pairs(from?.chains, to?.chains).flatMap(([a, b]) => diffPart('chains', a, b, [])),
  ];
}

const PART_TITLES = { policies: 'Policy', resources: 'Resource', targets: 'Target', chains: 'Policy chain' } as const;

function diffProject(from: Snapshot, to: Snapshot): Change[] {
  if (from === undefined && to === undefined) return [];
  const whole = (to ?? from)?.project;
  const name = `${quoted(whole?.displayName ?? '')} at ${whole?.contextPath}`;
  if (from === undefined) return [{ kind: 'added', pointer: '/project', sentence: `Project ${name} is new` }];
  if (to === undefined) return [{ kind: 'removed', pointer: '/project', sentence: `Project ${name} is removed` }];
  const { securePolicy: policyBefore, ...before } = from.project;
  const { securePolicy: policyAfter, ...after } = to.project;
  // The policy comes and goes with "Secure API with": said alone only when it alone changed.
  const isTold = before.secureWith !== after.secureWith;
  return diffFields(
    'Project',
    '/project',
    isTold ? before : { ...before, securePolicy: policyBefore },
    isTold ? after : { ...after, securePolicy: policyAfter },
    ['endpoints'],
  );
}

function diffPart(
  kind: keyof typeof PART_TITLES,
  from: Part | undefined,
  to: Part | undefined,
  apart: string[],
): Change[] {
  const title = PART_TITLES[kind];
  const shown = to ?? from;
  if (shown === undefined) return [];
  const pointer = pointerTo(kind, shown.name);
  const described = `${title} ${quoted(shown.displayName)}${details(kind, shown)}`;
  if (from === undefined) return [{ kind: 'added', pointer, sentence: `${described} is new`, to: withoutId(to) }];
  if (to === undefined)
    return [{ kind: 'removed', pointer, sentence: `${described} is removed`, from: withoutId(from) }];
  const subject = `${title} ${quoted(shown.displayName)}`;
  const config =
    kind === 'policies' ? diffFields(subject, `${pointer}/config`, asObject(from.config), asObject(to.config), []) : [];
  return [...diffFields(subject, pointer, from, to, apart), ...config];
}

/** What a new or removed part is, in a few words behind its name. */
function details(kind: keyof typeof PART_TITLES, part: Part): string {
  if (kind === 'policies') return ` (${valueWords('type', part.type)})`;
  if (kind === 'targets') return ` (${valueWords('urls', part.urls)})`;
  if (kind === 'chains') return ` (${valueWords('policies', part.policies)})`;
  const methods = valueWords('methods', part.methods);
  return ` ${methods === 'none' ? 'every method' : methods} ${part.path}${part.public === true ? ' (public)' : ''}`;
}

function diffFields(
  subject: string,
  pointer: string,
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
  apart: readonly string[],
): Change[] {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (field) => field !== 'id' && field !== 'name' && !apart.includes(field),
  );
  return fields.flatMap((field): Change[] => {
    const before = from[field];
    const after = to[field];
    if (canonical(before) === canonical(after)) return [];
    const place = `${pointer}/${escapePointer(field)}`;
    if (isObject(before) && isObject(after))
      return diffFields(`${subject}: ${fieldWords(field)}`, place, before, after, []);
    const sentence = `${subject}: ${fieldWords(field)} ${valueWords(field, before)} → ${valueWords(field, after)}`;
    const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    return [
      {
        kind,
        pointer: place,
        sentence,
        ...(before !== undefined && { from: before }),
        ...(after !== undefined && { to: after }),
      },
    ];
  });
}

function policyTitles(...snapshots: Snapshot[]): Map<string, string> {
  return new Map(snapshots.flatMap((s) => (s?.policies ?? []).map((p) => [p.name, p.displayName] as const)));
}

function pairs<P extends { readonly name: string }>(
  from: readonly P[] = [],
  to: readonly P[] = [],
): [P | undefined, P | undefined][] {
  const names = [...new Set([...from, ...to].map(({ name }) => name))].sort();
  return names.map((name) => [from.find((part) => part.name === name), to.find((part) => part.name === name)]);
}

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const pointerTo = (kind: string, name: string) => `/${kind}/${escapePointer(name)}`;
const escapePointer = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');

function withoutId(part: Part | undefined): unknown {
  const { id: _, ...rest } = { id: undefined, ...part };
  return rest;
}

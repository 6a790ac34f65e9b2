import { existsSync, readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { type Config, configSchema, OTHER_VARIABLES, SECRET_SETTINGS } from './config-schema.ts';

/** Everything that is wrong with the configuration, each with its place and how to mend it. */
export class ConfigErrors extends Error {
  override readonly name = 'ConfigErrors';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** A setting: its path, its schema without default, and its environment variable. */
interface Setting {
  readonly path: string;
  readonly variable: string;
  readonly schema: z.ZodType;
}

/** What settings are read from. Options of the command line come as variables (`environmentOf`). */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** YAML file; default: GATEWRIGHT_CONFIG_FILE, else ./gatewright.yaml when it exists. */
  readonly file?: string | undefined;
}

/**
 * Reads the configuration: environment over file over defaults.
 * @throws ConfigErrors with every problem at once
 */
export function readConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const values = readFile(sources.file ?? sources.env.GATEWRIGHT_CONFIG_FILE, problems);
  for (const [path, value] of readEnvironment(sources.env, problems)) assign(values, path, value);
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap(describeIssue));
  if (parsed.success) problems.push(...checkTogether(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new ConfigErrors(problems);
  return parsed.data;
}

/** The configuration as YAML-like JSON for people: every setting, secrets as `***`. */
export function maskConfig(config: Config): unknown {
  return maskAt(config, '');
}

function maskAt(value: unknown, path: string): unknown {
  if (SECRET_SETTINGS.includes(path)) return value === '' ? '' : '***';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, maskAt(inner, path === '' ? key : `${path}.${key}`)]),
  );
}

/** Every setting with its variable, for documentation and for reading the environment. */
export function listSettings(schema: z.ZodType = configSchema, prefix = ''): Setting[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path: prefix, variable: variableOf(prefix), schema }];
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    listSettings(child as z.ZodType, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** The variables that stand for settings, by path; undefined ones are left out. */
export function environmentOf(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([path, value]) => (value === undefined ? [] : [[variableOf(path), value]])),
  );
}

/** What stores/open.ts opens. */
const STORE_URL = /^(?:sqlite:.+|memory:|(?:rediss?|postgres|postgresql|cassandra):\/\/.+|cassandra-embedded:.*)$/s;

function checkTogether(config: Config): string[] {
  const problems: string[] = [];
  for (const area of ['manager', 'gateway'] as const) {
    if ((config[area].certFile === '') !== (config[area].keyFile === ''))
      problems.push(`${area}.certFile and ${area}.keyFile go together: one is missing.`);
  }
  if (config.bootstrapToken !== '' && config.bootstrapToken.length < 32)
    problems.push('bootstrapToken (GATEWRIGHT_BOOTSTRAP_TOKEN) must have at least 32 characters.');
  if (config.tokenStore.url !== '' && !STORE_URL.test(config.tokenStore.url))
    problems.push(
      'tokenStore.url must be sqlite:FILE, redis[s]://HOST, postgres://HOST/DATABASE, cassandra://HOST/KEYSPACE, cassandra-embedded: or memory:.',
    );
  if (config.counterStore.url !== '' && !/^rediss?:\/\/.+$/.test(config.counterStore.url))
    problems.push('counterStore.url must be redis://… or empty.');
  if (config.tokenStore.url === 'memory:' && config.workers !== 1)
    problems.push(
      'tokenStore.url memory: is not shared between workers; set workers to 1 (GATEWRIGHT_WORKERS=1) or use sqlite:FILE.',
    );
  return problems;
}

function readFile(file: string | undefined, problems: string[]): Record<string, unknown> {
  const path = file ?? (existsSync('gatewright.yaml') ? 'gatewright.yaml' : undefined);
  if (path === undefined) return {};
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`${path} could not be read: ${error instanceof Error ? error.message : 'unknown error'}.`);
    return {};
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push(`${path} line ${line}, column ${col}: ${error.message.split('\n')[0]}`);
  }
  const value: unknown = document.errors.length === 0 ? document.toJS() : {};
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.push(`${path} must hold settings (name: value).`);
    return {};
  }
  return value as Record<string, unknown>;
}

function readEnvironment(env: ConfigSources['env'], problems: string[]): [string, unknown][] {
  const settings = listSettings();
  const byVariable = new Map(settings.map((setting) => [setting.variable, setting]));
  const secretFiles = new Map(SECRET_SETTINGS.map((path) => [`${variableOf(path)}_FILE`, path]));
  const found: [string, unknown][] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('GATEWRIGHT_') || value === undefined || OTHER_VARIABLES.includes(variable)) continue;
    const setting = byVariable.get(variable);
    const secretPath = secretFiles.get(variable);
    if (setting !== undefined) found.push([setting.path, parseValue(setting, value, problems)]);
    else if (secretPath !== undefined) found.push([secretPath, readSecret(variable, value, problems)]);
    else
      problems.push(
        `${variable} is not a setting.${suggestion(variable, [...byVariable.keys(), ...secretFiles.keys(), ...OTHER_VARIABLES])}`,
      );
  }
  for (const [variable, path] of secretFiles) {
    if (env[variable] !== undefined && env[variableOf(path)] !== undefined)
      problems.push(`${variableOf(path)} and ${variable} are both set; use one.`);
  }
  return found;
}

function readSecret(variable: string, path: string, problems: string[]): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    problems.push(
      `${variable}: the file could not be read: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}.`,
    );
    return '';
  }
}

function parseValue(setting: Setting, value: string, problems: string[]): unknown {
  const schema = unwrap(setting.schema);
  if (schema instanceof z.ZodNumber) {
    if (/^-?\d+$/.test(value)) return Number(value);
    problems.push(`${setting.variable} must be a whole number, it is "${value.slice(0, 40)}".`);
    return undefined;
  }
  if (schema instanceof z.ZodBoolean) {
    if (value === 'true' || value === 'false') return value === 'true';
    problems.push(`${setting.variable} must be true or false, it is "${value.slice(0, 40)}".`);
    return undefined;
  }
  if (schema instanceof z.ZodArray) {
    if (!value.trimStart().startsWith('['))
      return value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    try {
      return JSON.parse(value);
    } catch {
      problems.push(`${setting.variable} must be a list: values with commas between them, or JSON.`);
      return undefined;
    }
  }
  return value;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = listSettings().map((setting) => setting.path);
    return issue.keys.map((key) => {
      const full = path === '' ? key : `${path}.${key}`;
      return `${full} is not a setting.${suggestion(full, known)}`;
    });
  }
  return [`${path} (${variableOf(path)}): ${issue.message}`];
}

function suggestion(given: string, known: readonly string[]): string {
  const nearest = known
    .map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= Math.max(2, given.length / 4)
    ? ` Did you mean ${nearest.name}?`
    : '';
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function variableOf(path: string): string {
  return `GATEWRIGHT_${path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    inner = inner.unwrap() as z.ZodType;
  return inner;
}

function assign(values: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = values;
  for (const key of keys) {
    const next = at[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  if (value !== undefined) at[last] = value;
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** The repository's root, with a trailing separator left off. */
export const rootDir = join(import.meta.dirname, '..');

/** What a bench run is asked to do. */
export interface Options {
  /** Contestants to run; undefined is all. */
  readonly only: readonly string[] | undefined;
  /** Works to run; undefined is all. */
  readonly works: readonly string[] | undefined;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Quiet rounds wanted; up to as many again are run when some were noisy. */
  readonly rounds: number;
  /** Length of the load before the first round, not measured. */
  readonly warmSeconds: number;
  /** Connections that the load generator holds. */
  readonly connections: number;
  /** Tokens that the verified calls rotate through. */
  readonly tokens: number;
  /** The Gatewright command; another checkout's can be named to compare two. */
  readonly bin: string;
  /** Where the result goes; undefined is `bench/results/<date>-<commit>.json`. */
  readonly out: string | undefined;
  readonly saved: boolean;
  /** The whole run ends here, finished or not. */
  readonly limitMinutes: number;
}

/** What `--help` prints. */
export const usage = `usage: npm run bench -- [options]
  --only a,b          contestants: nginx, node-http, fastify-http-proxy, node-form, oidc-provider, keycloak, gatewright
  --works a,b         works: start, plain, verified, tokens, introspection, code, refresh
  --seconds 5         length of one measurement
  --rounds 3          quiet rounds wanted (noisy ones are repeated, at most as many again)
  --warm 5            seconds of load before the first round
  --connections 32    connections of the load generator
  --tokens 1000       tokens that the verified calls rotate through
  --bin PATH          the Gatewright command (default bin/gatewright)
  --out FILE          where the result goes (default bench/results/<date>-<commit>.json)
  --no-save           print only
  --limit-minutes 30  give up after this`;

/**
 * Reads the command line.
 * @throws TypeError for an unknown option, RangeError for a number that is none.
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      works: { type: 'string' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      warm: { type: 'string', default: '5' },
      connections: { type: 'string', default: '32' },
      tokens: { type: 'string', default: '1000' },
      bin: { type: 'string', default: join(rootDir, 'bin', 'gatewright') },
      out: { type: 'string' },
      'no-save': { type: 'boolean', default: false },
      'limit-minutes': { type: 'string', default: '30' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    only: values.only?.split(','),
    works: values.works?.split(','),
    seconds: parseCount('seconds', values.seconds),
    rounds: parseCount('rounds', values.rounds),
    warmSeconds: parseCount('warm', values.warm),
    connections: parseCount('connections', values.connections),
    tokens: parseCount('tokens', values.tokens),
    bin: values.bin,
    out: values.out,
    saved: !values['no-save'],
    limitMinutes: parseCount('limit-minutes', values['limit-minutes']),
  };
}

function parseCount(name: string, value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`--${name} must be a whole number above 0, not ${value}`);
  return count;
}

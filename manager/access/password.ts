import { timingSafeEqual } from 'node:crypto';
import type { Random } from '#core/random';
import { type Argon2, createArgon2, type HashCost } from './argon2.ts';

/** RFC 9106 §4, the second recommended setting, with one lane since each hash has one thread: about 0.2 s. */
const COST: HashCost = { memoryKiB: 65_536, passes: 3, parallelism: 1, bytes: 32 };
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;

/** Hashes and checks passwords. */
export interface Passwords extends AsyncDisposable {
  /** A hash in PHC form, with a salt of its own. @throws ProblemError `unavailable` when too many wait */
  hash(password: string): Promise<string>;
  /**
   * True when a password fits a hash. Without a hash (nobody has that name, or no password) it takes as long and is false.
   * @throws ProblemError `unavailable` when too many wait
   */
  fits(password: string, hash: string | undefined): Promise<boolean>;
}

/** `argon2` is handed in by tests only. */
export function createPasswords(random: Random, argon2: Argon2 = createArgon2()): Passwords {
  const hash = async (password: string): Promise<string> => {
    const salt = random.bytes(SALT_BYTES);
    return encode(salt, await argon2.hash(password.normalize('NFKC'), salt, COST));
  };
  /** Of a password that nobody knows. */
  let dummy: Parsed | undefined;
  return {
    hash,
    async fits(password, stored) {
      dummy ??= { cost: COST, salt: random.bytes(SALT_BYTES), hash: random.bytes(COST.bytes) };
      const { cost, salt, hash: wanted } = stored === undefined ? dummy : decode(stored);
      const given = await argon2.hash(password.normalize('NFKC'), salt, cost);
      return timingSafeEqual(given, wanted) && stored !== undefined;
    },
    [Symbol.asyncDispose]: () => argon2[Symbol.asyncDispose](),
  };
}

interface Parsed {
  readonly cost: HashCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function encode(salt: Uint8Array, hash: Uint8Array): string {
  const { memoryKiB, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

function decode(text: string): Parsed {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(text) ?? [];
  if (memory === undefined) throw new Error('A stored password hash cannot be read.');
  const bytes = Buffer.from(hash, 'base64');
  return {
    cost: {
      memoryKiB: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      bytes: bytes.length,
    },
    salt: Buffer.from(salt, 'base64'),
    hash: bytes,
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

import pg from 'pg';

const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

/**
 * Values as SQLite gives them: whole numbers are numbers also when they have 8 bytes, what is true is 1. A number that JavaScript cannot hold
 * exactly is an error, never another number.
 */
export const typesOfSqlite: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return parseWhole;
    if (oid === NUMERIC) return Number;
    if (oid === BOOL) return (text: string) => (text === 't' ? 1 : 0);
    return pg.types.getTypeParser(oid, format);
  },
};

function parseWhole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database holds ${text}, which is too large a number.`);
  return value;
}

/** A parameter as the columns want it: flags are 0 and 1. */
export function toPostgres(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`PostgreSQL takes no ${typeof value} as a parameter here.`);
}

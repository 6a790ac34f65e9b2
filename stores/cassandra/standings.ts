import type { Standing } from '#core/standing';
import type { FindStanding } from '../token-state.ts';
import { type CassandraParts, forEachSome } from './parts.ts';
import { holderOf, parseStanding, standingText, textOf } from './rows.ts';

/** What a token or a grant is held by. */
interface Holders {
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly secretId?: string | undefined;
  readonly subject: string | undefined;
}

/** Standings: what kills or suspends many tokens at once. */
export interface CassandraStandings {
  /** Looks up those that a token or grant depends on. */
  find(of: Holders): Promise<FindStanding>;
  write(standings: readonly Standing[]): Promise<void>;
  readAll(): Promise<readonly Standing[]>;
}

/** Opens the part of the store. */
export function createStandings({ connection, append }: CassandraParts): CassandraStandings {
  const { read, change } = connection;

  /** True when it was written. */
  const put = (standing: Standing): Promise<boolean> => {
    const holder = holderOf(standing.kind, standing.id);
    const data = standingText(standing);
    let isTried = false;
    return change(`standing ${holder}`, async (isSerial) => {
      const [row] = await read('SELECT data FROM standings WHERE holder = ?', [holder], isSerial);
      const old = row === undefined ? undefined : textOf(row, 'data');
      if (old === data) return { answer: isTried };
      isTried = true;
      if (old === undefined) {
        const query = 'INSERT INTO standings (holder, data) VALUES (?, ?) IF NOT EXISTS';
        return { answer: true, statements: [{ query, params: [holder, data] }] };
      }
      if (standing.generation < parseStanding(old).generation) return { answer: false };
      const query = 'UPDATE standings SET data = ? WHERE holder = ? IF data = ?';
      return { answer: true, statements: [{ query, params: [data, holder, old] }] };
    });
  };

  return {
    async find({ clientId, subscriptionId, secretId, subject }) {
      const holders = [holderOf('client', clientId), holderOf('subscription', subscriptionId)];
      if (secretId !== undefined) holders.push(holderOf('secret', secretId));
      if (subject !== undefined) holders.push(holderOf('subject', subject));
      const rows = await read('SELECT data FROM standings WHERE holder IN ?', [holders]);
      const found = rows.map((row) => parseStanding(textOf(row, 'data') ?? ''));
      return (kind, id) => found.find((one) => one.kind === kind && one.id === id);
    },
    async write(standings) {
      const written = new Set<Standing>();
      await forEachSome(standings, async (standing) => {
        if (await put(standing)) written.add(standing);
      });
      await append(standings.filter((one) => written.has(one)).map((standing) => ({ kind: 'standing', standing })));
    },
    async readAll() {
      const standings: Standing[] = [];
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await connection.readPage('SELECT data FROM standings', after, 1000);
        for (const row of page.rows) standings.push(parseStanding(textOf(row, 'data') ?? ''));
        after = page.next;
      }
      return standings;
    },
  };
}

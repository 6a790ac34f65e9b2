import type { TokenStore } from '#core/token-store';
import type { CassandraConnection } from './connection.ts';
import { read as parse, textOf } from './rows.ts';

/** How far the manager's feed was written here. By LWT: of two managers the later writer is right, not the one whose clock is ahead. */
export function createMark({ read, change }: CassandraConnection): Pick<TokenStore, 'readFeedMark' | 'writeFeedMark'> {
  const load = async (isSerial: boolean) => {
    const [row] = await read("SELECT value FROM meta WHERE name = 'mark'", [], isSerial);
    return row && textOf(row, 'value');
  };
  return {
    async readFeedMark() {
      const text = await load(false);
      return text === undefined ? undefined : parse<{ epoch: string; seq: number }>(text);
    },
    writeFeedMark({ epoch, seq }) {
      const text = JSON.stringify({ epoch, seq });
      return change('mark', async (isSerial) => {
        const old = await load(isSerial);
        if (old === text) return { answer: undefined };
        const query = "UPDATE meta SET value = ? WHERE name = 'mark' IF value = ?";
        return { answer: undefined, statements: [{ query, params: [text, old ?? null] }] };
      });
    },
  };
}

import { after } from 'node:test';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { startPostgres } from '../support/postgres.ts';
import { NOW, RETENTION_MS } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const postgres = await startPostgres();
after(() => postgres[Symbol.asyncDispose]());
let schemas = 0;
const newUrl = () => {
  schemas += 1;
  return `${postgres.url}?schema=test_${schemas}`;
};
const open = (url: string) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

testTokenStore('postgres', () => open(newUrl()));

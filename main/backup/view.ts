import type { Output } from '#cli/output';
import type { BackedUp } from './back-up.ts';
import type { Restored } from './restore.ts';

const sum = (numbers: Iterable<number | undefined>) => [...numbers].reduce<number>((all, one) => all + (one ?? 0), 0);
const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** Says what was backed up. */
export function showBackedUp(out: Output, made: BackedUp): void {
  const { file, sizeBytes, feed, counts, leftOut } = made;
  out.json(made);
  out.line(`${out.style.green('✔')} ${file}  (${Math.ceil(sizeBytes / 1024)} KiB)`);
  out.line(`  manager's data and audit trail at number ${feed.seq} of the feed ${feed.epoch}`);
  out.line(`  ${sum(Object.values(counts.tables))} rows, ${counts.tables.audit ?? 0} of them audit entries`);
  for (const [name, kinds] of Object.entries(counts.stores))
    out.line(`  token store ${name}: ${kinds.access ?? 0} access tokens, ${kinds.grant ?? 0} grants`);
  for (const name of leftOut) out.warn(`The token store ${name} keeps nothing on disk: its tokens are in no backup.`);
  out.line('  The master key is not in it: keep that elsewhere.');
}

/** Says what was restored, and what to look at. */
export function showRestored(out: Output, done: Restored): void {
  const warnings = warningsOf(done);
  out.json({ ...done, former: done.former ?? null, warnings });
  const { backedUpAt, program, feed, counts, tokens, former, endedSince } = done;
  out.line(`${out.style.green('✔')} Restored the backup of ${iso(backedUpAt)}, by Gatewright ${program}.`);
  out.line(`  ${sum(Object.values(counts.tables))} rows; the change feed begins anew: ${feed.epoch}`);
  for (const [name, kinds] of Object.entries(tokens.stores))
    out.line(`  token store ${name}: ${kinds.access ?? 0} access tokens, ${kinds.grant ?? 0} grants`);
  if (tokens.revoked > 0) out.line(`  ${tokens.revoked} more that lived in the token stores were revoked`);
  const ended = sum(Object.values(endedSince));
  if (ended > 0) out.line(`  ${ended} that token stores know to be ended or disabled since then stay so`);
  if (former !== undefined) out.line(`  the former data: ${former}`);
  for (const warning of warnings) out.warn(warning);
}

function warningsOf({ backedUpAt, counts: { tables }, tokens }: Restored): string[] {
  const number = (table: string, word: string) => `${tables[table] ?? 0} ${word}`;
  const kept = [
    number('secrets', 'consumer secrets'),
    number('management_keys', 'management keys'),
    number('users', 'users'),
    number('joined_gateways', 'joined gateways'),
  ].join(', ');
  return [
    `What was revoked, rotated or removed after ${iso(backedUpAt)} is back as it was then: ${kept}. Look through them before you start serving.`,
    ...tokens.leftOut.map((name) => `The token store ${name} keeps nothing on disk: nothing was restored to it.`),
  ];
}

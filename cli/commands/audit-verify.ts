import { createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { keyIdOf } from '#core/audit-chain';
import { verifyTrail } from '#core/audit-verify';
import {
  type AuditCheckpoint,
  type AuditState,
  type AuditVerification,
  auditCheckpoint,
  auditState,
} from '#core/model/audit-checkpoint';
import { readEntries } from '../audit-stream.ts';
import { CliError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { plain } from '../plain.ts';
import type { Session } from '../session.ts';

/** `gatewright audit verify`: fetches the trail and checks it here. */
export const auditVerify: Run = async (session, input) => {
  session.doing = 'check the audit trail';
  const { out } = session;
  const [file, keyFile] = [input.text('checkpoint'), input.text('publicKey')];
  const api = await session.api();
  const state = parseState(await api.get('/audit/checkpoint'));
  const keys = keyFile === undefined ? keysOf(state) : await readKeys(session, keyFile);
  const told = state.checkpoint === undefined ? [] : [{ isOutside: false, checkpoints: [state.checkpoint] }];
  const kept = file === undefined ? [] : [{ isOutside: true, checkpoints: readCheckpoints(session, file) }];
  const waiting = await out.wait('Checking every entry');
  let result: AuditVerification;
  try {
    const entries = readEntries(api, {});
    result = await verifyTrail({ entries, anchor: state.anchor, head: state.head, sources: [...kept, ...told], keys });
  } finally {
    waiting.stop();
  }
  out.json(result);
  show(session, result);
  if (result.ok && file === undefined)
    out.note('Compared with nothing kept outside: an end that was cut off does not show. Give --checkpoint FILE.');
  if (result.ok && keyFile === undefined)
    out.note('The public key was the server’s own word. Keep it: gatewright audit public-key > audit.pem');
  return result.ok ? EXIT.done : EXIT.refused;
};

/** `gatewright audit public-key`: the key that checkpoints are signed with. */
export const auditPublicKey: Run = async (session) => {
  session.doing = 'read the public key of the audit trail';
  const { keys } = parseState(await (await session.api()).get('/audit/checkpoint'));
  if (keys.length === 0)
    throw new CliError('Nothing was signed yet: the first checkpoint is made within seconds of the first change.', {
      exit: EXIT.notFound,
    });
  session.out.json({ keys });
  for (const { publicKey } of keys) session.out.line(publicKey.trim());
  return EXIT.done;
};

function show(
  { out }: Session,
  { ok, entries, firstSeq, lastSeq, checkpoints, outside, fault }: AuditVerification,
): void {
  const { style } = out;
  const range = firstSeq === undefined ? '' : `, ${firstSeq} to ${lastSeq}`;
  out.line(`${entries} ${entries === 1 ? 'entry' : 'entries'} checked${range}`);
  out.line(
    `${checkpoints} signed ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'} compared, ${outside} kept outside`,
  );
  if (ok) out.line(style.green(style.bold('Whole.')));
  else out.line(style.red(style.bold(`Not whole from entry ${fault?.seq ?? 0} on: ${plain(fault?.message ?? '')}`)));
}

/** What the server says of its trail; another form is not believed. */
function parseState(answer: unknown): AuditState {
  const parsed = auditState.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CliError('The server does not say where its audit trail is.', { code: 'bad_answer', cause: parsed.error });
}

function keysOf({ keys }: AuditState): Map<string, KeyObject> {
  // By what the key is, not by what the server calls it.
  return new Map(keys.map(({ publicKey }) => [keyIdOf(publicKey), createPublicKey(publicKey)]));
}

async function readKeys(session: Session, file: string): Promise<Map<string, KeyObject>> {
  const text = await readFile(path.resolve(session.cwd, file), 'utf8').catch((error: unknown) => {
    throw cannotRead(file, error);
  });
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  try {
    const keys = new Map(blocks.map((block) => [keyIdOf(block), createPublicKey(block)]));
    if (keys.size > 0) return keys;
  } catch (error) {
    throw new CliError(`${file} holds a public key that cannot be read.`, { exit: EXIT.usage, cause: error });
  }
  throw new CliError(`${file} holds no public key (PEM, "BEGIN PUBLIC KEY").`, { exit: EXIT.usage });
}

async function* readCheckpoints(session: Session, file: string): AsyncGenerator<AuditCheckpoint> {
  const input = createReadStream(path.resolve(session.cwd, file), 'utf8');
  let number = 0;
  try {
    for await (const line of createInterface({ input })) {
      number += 1;
      if (line.trim() !== '') yield auditCheckpoint.parse(JSON.parse(line));
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw cannotRead(file, error);
    throw new CliError(`${file} line ${number} is no checkpoint.`, { exit: EXIT.usage, cause: error });
  }
}

function cannotRead(file: string, error: unknown): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new CliError(`${file} could not be read: ${code}.`, { exit: EXIT.usage, cause: error });
}
